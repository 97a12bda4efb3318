import { expect, test } from "vitest";
import type { Alarm } from "../protocol/bed";
import { alarmTextShort, endText, whatText } from "./alarms";

const alarm = (condition: string, message: string, value: number | null): Alarm =>
  ({ condition, message, value, limit: null, state: "active" }) as Alarm;

test("the alarm bar keeps a limit whole", () => {
  expect(alarmTextShort(alarm("spo2_desat", "SpO2 77 < 80 (desaturation)", 77))).toBe("SpO2 77 < 80");
  expect(alarmTextShort(alarm("pulse_high", "Pulse 152 > 120", 152))).toBe("Pulse 152 > 120");
});

test("the alarm bar names a technical alarm in few words", () => {
  const long = "The sound output cannot be opened: …";
  expect(alarmTextShort(alarm("sound_failed", long, null))).toBe("No sound");
  expect(alarmTextShort(alarm("no_finger", "Probe off: no finger", null))).toBe("Probe off");
});

test("a disk that is slow is not called a record that is not written", () => {
  const slow = "The disk is slow: a line took 41 ms";
  expect(alarmTextShort(alarm("storage_failed", slow, null))).toBe("Record late");
  const full = "The record cannot be written: no room";
  expect(alarmTextShort(alarm("storage_failed", full, null))).toBe("Not recording");
});

test("an alarm that ended is named by what it was", () => {
  const over = (message: string): Alarm => ({ ...alarm("no_finger", message, null), state: "cleared" });
  expect(whatText(over("Probe back on the finger; was Probe off: no finger"))).toBe("Probe off: no finger");
  expect(endText(over("Probe back on the finger; was Probe off: no finger"))).toBe(
    "Probe back on the finger",
  );
  expect(whatText(over("Probe back on the finger"))).toBe("Probe off");
  expect(endText(over("Probe back on the finger"))).toBe("Probe back on the finger");
  expect(endText(alarm("no_finger", "Probe off: no finger", null))).toBeNull();
});
