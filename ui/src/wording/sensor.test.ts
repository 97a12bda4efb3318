import { describe, expect, it } from "vitest";
import { bed } from "../protocol/samples";
import { remark, unlinked } from "./sensor";

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
});
