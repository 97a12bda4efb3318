import { describe, expect, it } from "vitest";
import { bed, hello, reading, snapshot } from "../protocol/samples";
import { judgeLink, shown } from "./freshness";
import { reduce, UNKNOWN_WARD, type BedState } from "./ward";

const T0 = hello().time;

/** Bed 1 with a sample taken at 0 of the screen's count. */
function sampled(given: Parameters<typeof reading>[0] = {}, period = 1_000): BedState {
  const ward = [hello(), snapshot({ beds: [bed()] }), reading({ time: T0, ...given })].reduce(
    (state, message) => reduce(state, message, 0),
    UNKNOWN_WARD,
  );
  const found = ward.beds.get("1");
  if (found === undefined) throw new Error("no bed");
  return { ...found, period };
}

describe("the numbers of a bed", () => {
  it("stand alone while they are fresh, with their age from 1.5 s on", () => {
    expect(shown(sampled(), 1_499, true)).toMatchObject({
      spo2: 96,
      pulse_rate: 74,
      age_s: null,
      grey: false,
    });
    expect(shown(sampled(), 1_500, true)).toMatchObject({ spo2: 96, age_s: 1.5 });
  });

  it("are gone after 3 s even if the station did not say so", () => {
    expect(shown(sampled(), 3_000, true).spo2).toBe(96);
    expect(shown(sampled(), 3_001, true)).toMatchObject({
      spo2: null,
      pulse_rate: null,
      grey: true,
      age_s: 3.001,
    });
  });

  it("of a sensor that speaks every two seconds are given its time", () => {
    expect(shown(sampled({}, 2_000), 4_900, true).spo2).toBe(96);
    expect(shown(sampled({}, 2_000), 5_100, true).spo2).toBeNull();
  });

  it("are gone at once without the station, whatever their age", () => {
    expect(shown(sampled(), 100, false)).toMatchObject({ spo2: null, pulse_rate: null, grey: true });
  });

  it("that the sensor did not give are not made up", () => {
    const off = shown(sampled({ spo2: null, pulse_rate: null, status: ["no_finger"] }), 100, true);
    expect(off).toMatchObject({ spo2: null, pulse_rate: null, perfusion_index: null });
  });

  it("are grey as soon as the station calls them stale", () => {
    expect(shown(sampled({ status: ["stale"] }), 100, true).grey).toBe(true);
  });

  it("that never came have no age", () => {
    const ward = [hello(), snapshot({ beds: [bed({ reading: null })] })].reduce(
      (state, message) => reduce(state, message, 0),
      UNKNOWN_WARD,
    );
    const empty = ward.beds.get("1");
    if (empty === undefined) throw new Error("no bed");
    expect(shown(empty, 60_000, true)).toEqual({
      spo2: null,
      pulse_rate: null,
      perfusion_index: null,
      age_s: null,
      grey: true,
    });
  });
});

describe("the link", () => {
  it("is lost within five seconds of silence on an open connection, as this screen looks for it", () => {
    const LOOKED_EVERY_MS = 250;
    expect(judgeLink("open", 3_000, 60_000)).toBe("live");
    expect(judgeLink("open", 5_000 - LOOKED_EVERY_MS, 60_000)).toBe("lost");
  });

  it("that broke is lost sooner: nothing can come over it", () => {
    expect(judgeLink("waiting", 1_000, 60_000)).toBe("live");
    expect(judgeLink("connecting", 2_001, 60_000)).toBe("lost");
  });

  it("is connecting at first, and lost if nobody answers", () => {
    expect(judgeLink("connecting", null, 1_000)).toBe("connecting");
    expect(judgeLink("waiting", null, 6_000)).toBe("lost");
  });

  it("is refused whenever the station does not know this screen", () => {
    expect(judgeLink("refused", 100, 60_000)).toBe("refused");
  });
});
