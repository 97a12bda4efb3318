import { describe, expect, it } from "vitest";
import { bed } from "../protocol/samples";
import { remark, sendsWave, unlinked } from "./sensor";

const live = bed().sensor;

describe("what is said about a sensor", () => {
  it("is which one it is while nothing is wrong", () => {
    expect(remark(live, [])).toEqual({ text: "CMS50D+ · /dev/ttyUSB0", remedy: null, weight: "well" });
  });

  it("comes from the station where it sends words", () => {
    const sensor = {
      ...live,
      state: "disconnected" as const,
      message: "Port COM3 is in use by another program.",
    };
    expect(remark(sensor, ["disconnected"]).text).toBe("Port COM3 is in use by another program.");
  });

  it("says what to do about each state that has no numbers", () => {
    for (const state of ["none", "silent", "disconnected"] as const) {
      const said = remark({ ...live, state }, []);
      expect(said.weight).toBe("absent");
      expect(said.remedy).not.toBeNull();
    }
  });

  it("says probe off rather than a value when the finger is out", () => {
    expect(remark(live, ["weak_signal", "no_finger"]).text).toBe("Probe off");
  });

  it("tells the last numbers as the past while the station is not heard", () => {
    const said = unlinked(bed().reading, new Date(2026, 10, 20, 12, 31, 5).getTime());
    expect(said.remedy).toBe("Last heard 12:31:05: SpO₂ 97 %, pulse 72 /min");
    expect(unlinked(null, null).remedy).toBe("Last heard --:--:--");
  });

  it("names doubt without hiding the numbers", () => {
    expect(remark(live, ["low_perfusion"]).weight).toBe("doubt");
  });

  it("asks whose sensor it is before it says how good its numbers are", () => {
    const asking = { ...live, question: "Another CMS50 answers here than yesterday." };
    expect(remark(asking, ["low_perfusion"])).toMatchObject({ text: "Whose sensor?", weight: "doubt" });
    expect(remark(asking, ["no_finger"]).text).toBe("Probe off");
  });

  it("says that no live numbers come while the sensor sends its recordings, and not that it failed", () => {
    const download = { recording: 2, of: 3, seconds: 60, of_seconds: null, by: "anna", waiting: false };
    const sending = { ...live, state: "silent" as const, download };
    expect(remark(sending, ["stale"])).toMatchObject({
      text: "No live numbers: the sensor sends recording 2 of 3",
      weight: "absent",
    });
    const waiting = { ...live, state: "disconnected" as const, download: { ...download, waiting: true } };
    expect(remark(waiting, ["disconnected"]).text).toContain("Waiting: sensor unplugged");
  });
});

describe("the pulse wave", () => {
  it("is not waited for where the format has none", () => {
    expect(sendsWave({ ...live, protocol: "masimo-ascii" })).toBe(false);
    expect(sendsWave({ ...live, protocol: "nonin-df7" })).toBe(true);
    expect(sendsWave({ ...live, protocol: null })).toBe(true);
  });
});
