import { describe, expect, it } from "vitest";
import { bed } from "../protocol/samples";
import { differsInWords, ruleOf } from "./limits";

const limits = bed().limits;

describe("a limit in words", () => {
  it("says with its sign when it alarms, for a value equal to it does not", () => {
    expect(ruleOf("spo2_low", limits)).toBe("alarm when SpO₂ < 90 for 15 s");
    expect(ruleOf("spo2_desat", limits)).toBe("alarm at once when SpO₂ < 80");
    expect(ruleOf("pulse_high", limits)).toBe("alarm when pulse > 120 for 15 s");
    expect(ruleOf("spo2_low", { ...limits, delay_s: 0 })).toBe("alarm when SpO₂ < 90");
  });

  it("says what governs SpO₂ low in place of the delay", () => {
    expect(ruleOf("spo2_low", { ...limits, area_delay: 50 })).toBe(
      "alarm when SpO₂ < 90, once it adds up to 50 %·s",
    );
  });

  it("says that it is off, and makes up nothing for one that the station did not tell", () => {
    expect(ruleOf("spo2_high", limits)).toBe("off: no alarm");
    expect(ruleOf("pulse_low", { ...limits, pulse_low: Number.NaN })).toBeNull();
  });
});

describe("limits that are not the ward's", () => {
  it("are named where there is room, and counted where there is not", () => {
    expect(differsInWords([])).toBeNull();
    expect(differsInWords(["spo2_low", "delay_s"])).toBe("Not the ward preset: SpO₂ low, delay");
    expect(differsInWords(["spo2_low", "spo2_high", "delay_s"])).toBe("Not the ward preset: 3 limits");
  });
});
