import { expect, test } from "vitest";
import type { Alarm } from "../protocol/bed";
import { alarmTextShort } from "./alarms";

const alarm = (condition: string, message: string, value: number | null): Alarm =>
  ({ condition, message, value }) as Alarm;

test("the alarm bar keeps a limit whole", () => {
  expect(alarmTextShort(alarm("spo2_desat", "SpO2 77 < 80 (desaturation)", 77))).toBe("SpO2 77 < 80");
  expect(alarmTextShort(alarm("pulse_high", "Pulse 152 > 120", 152))).toBe("Pulse 152 > 120");
});

test("the alarm bar names a technical alarm in few words", () => {
  const long = "The sound output cannot be opened: …";
  expect(alarmTextShort(alarm("sound_failed", long, null))).toBe("No sound");
  expect(alarmTextShort(alarm("no_finger", "Probe off: no finger", null))).toBe("Probe off");
});
