import { describe, expect, it } from "vitest";
import { alarm, bed, hello, snapshot } from "../protocol/samples";
import type { Bed } from "../protocol/bed";
import { heardOn } from "./heard";
import { reduce, UNKNOWN_WARD } from "./ward";

const by = { by: "Tablet 1", time: 0 };
const everything = () => true;

const calling = (id: string, given: Partial<Bed> = {}): Bed =>
  bed({
    id,
    alarms: [alarm({ id: `a-${id}` })],
    announcement: { priority: "medium", step: 0 },
    ...given,
  });

const ward = (beds: readonly Bed[], station: Parameters<typeof alarm>[0][] = []) =>
  [hello(), snapshot({ beds, station_alarms: station.map(alarm) })].reduce(
    (state, message) => reduce(state, message, 0),
    UNKNOWN_WARD,
  );

describe("what is to be heard on a screen", () => {
  it("is the most urgent of its beds, and which alarms that is", () => {
    const high = calling("2", {
      alarms: [alarm({ id: "a-2", priority: "high" }), alarm({ id: "a-3" })],
      announcement: { priority: "high", step: 0 },
    });
    expect(heardOn(ward([calling("1"), high]), everything)).toEqual({ priority: "high", alarms: ["a-2"] });
    expect(heardOn(ward([calling("1"), calling("2")]), everything)?.alarms).toEqual(["a-1", "a-2"]);
  });

  it("is nothing of an alarm that is paused, off, acknowledged or over", () => {
    const quiet = [
      calling("1", { announcement: null }),
      calling("2", { off: { what: "audio", by: "Ada", since: 0 } }),
      calling("3", { alarms: [alarm({ acknowledged: by })] }),
      calling("4", { alarms: [] }),
    ];
    expect(heardOn(ward(quiet), everything)).toBeNull();
  });

  it("is a bed elsewhere only once nobody answered there", () => {
    const shows = (id: string) => id === "1";
    const elsewhere = calling("2");
    expect(heardOn(ward([bed(), elsewhere]), shows)).toBeNull();
    const called = { ...elsewhere, announcement: { priority: "high", step: 1 } as const };
    expect(heardOn(ward([bed(), called]), shows)).toEqual({ priority: "high", alarms: ["a-2"] });
  });

  it("is the station's own trouble too, until it is acknowledged", () => {
    const mute = { id: "a-9", condition: "sound_failed", priority: "medium" } as const;
    expect(heardOn(ward([bed()], [mute]), everything)).toEqual({ priority: "medium", alarms: ["a-9"] });
    expect(heardOn(ward([bed()], [{ ...mute, acknowledged: by }]), everything)).toBeNull();
    const called = new Map([["a-9", { priority: "high", step: 1 } as const]]);
    expect(heardOn({ ...ward([bed()], [mute]), stationCalls: called }, everything)?.priority).toBe("high");
  });
});
