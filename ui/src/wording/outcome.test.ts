import { describe, expect, it } from "vitest";
import { inWords, told } from "./outcome";

const request = { command: "request", what: "reading" } as const;

describe("the result of a command", () => {
  it("shows the numbers that were read and how old they are", () => {
    const reading = { time: 0, age_s: 0.42, spo2: 97, pulse_rate: 72, perfusion_index: 3.21, status: [] };
    const result = { bed: "1", reading, sensor: {} };
    expect(told(request, { ok: true, result })).toBe("SpO₂ 97 %, pulse 72 /min, PI 3.21 %, 0.4 s old");
  });

  it("shows dashes for a number that the sensor did not give", () => {
    const reading = { time: 0, age_s: 1, spo2: null, pulse_rate: null, status: ["no_finger"] };
    expect(told(request, { ok: true, result: { reading } })).toBe(
      "SpO₂ --- %, pulse --- /min (no finger), 1.0 s old",
    );
  });

  it("does not make up a reading or an age that was not told", () => {
    expect(told(request, { ok: true, result: { reading: null } })).toBe(
      "the sensor has given no reading yet",
    );
    const reading = { spo2: 97, pulse_rate: 72 };
    expect(told(request, { ok: true, result: { reading } })).toContain("age unknown");
  });

  it("tells a good sample after a reset from any sample", () => {
    const reset = { command: "reset" } as const;
    const good = { first_sample_s: 0.3, first_good_sample_s: 2.25 };
    expect(told(reset, { ok: true, result: good })).toBe("Port reopened; first good sample after 2.3 s");
    const none = { first_sample_s: 0.3, first_good_sample_s: null };
    expect(told(reset, { ok: true, result: none })).toBe(
      "Port reopened; first sample after 300 ms, but no good one yet",
    );
  });

  it("names limits as the form does when the station refuses them", () => {
    expect(inWords("spo2_desat (90) must be below spo2_low (90).")).toBe(
      "SpO₂ desaturation (90) must be below SpO₂ low (90).",
    );
  });

  it("tells the second of two who acknowledge who was first", () => {
    const first = { by: "Tablet 1", time: new Date(2026, 10, 20, 12, 31, 5).getTime() };
    const late = { ok: true, result: { acknowledged: [], first } } as const;
    expect(told({ command: "acknowledge" }, late)).toBe("Tablet 1 was first, at 12:31:05");
    const own = { ok: true, result: { acknowledged: ["a-17"], first: null } } as const;
    expect(told({ command: "acknowledge" }, own)).toBe("Acknowledged");
  });

  it("says what of a sensor's recordings is new and what is missing", () => {
    const download = { command: "download" } as const;
    const recordings = [
      { id: 7, seconds: 617, missing_s: 3, already: false },
      { id: 5, seconds: 60, missing_s: 0, already: true },
    ];
    expect(told(download, { ok: true, result: { recordings } })).toBe(
      "2 recordings fetched, 1 of them known before, 3 s without a value",
    );
    expect(told(download, { ok: true, result: { recordings: [] } })).toBe("the sensor has no recording");
  });

  it("says how much was recorded of a sensor's bytes, and what is missing", () => {
    const stop = { command: "stop_capture" } as const;
    const result = { file: "bed-1.capture", bytes: 1_234, missing: 0, reason: null };
    expect(told(stop, { ok: true, result })).toBe("1.2 kB kept; the file is in Settings");
    expect(told(stop, { ok: true, result: { ...result, missing: 40 } })).toContain("40 B missing");
  });
});
