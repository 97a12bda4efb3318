import { describe, expect, it } from "vitest";
import { inWords, told } from "./outcome";

const request = { command: "request", what: "reading" } as const;

describe("the result of a command", () => {
  it("shows the numbers that were read and how old they are", () => {
    const result = { time: 0, age_s: 0.42, spo2: 97, pulse_rate: 72, perfusion_index: 3.21, status: [] };
    expect(told(request, { ok: true, result })).toBe("SpO₂ 97 %, pulse 72 /min, PI 3.21 %, 0.4 s old");
  });

  it("shows dashes for a number that the sensor did not give", () => {
    const result = { time: 0, age_s: 1, spo2: null, pulse_rate: null, status: ["no_finger"] };
    expect(told(request, { ok: true, result })).toBe("SpO₂ --- %, pulse --- /min (no finger), 1.0 s old");
  });

  it("does not pretend to know an age that was not told", () => {
    expect(told(request, { ok: true, result: { spo2: 97, pulse_rate: 72 } })).toContain("age unknown");
  });

  it("names limits as the form does when the station refuses them", () => {
    expect(inWords("spo2_desat (90) must be below spo2_low (90).")).toBe(
      "SpO₂ desaturation (90) must be below SpO₂ low (90).",
    );
  });

  it("tells the second of two who acknowledge who was first", () => {
    const outcome = { ok: true, result: { acknowledged: { by: "Tablet 1", time: 0 } } } as const;
    expect(told({ command: "acknowledge" }, outcome)).toContain("by Tablet 1");
  });
});
