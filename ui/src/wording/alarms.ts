/** The words and marks of alarms, the same on every screen and in every language. */

import type { Alarm, Priority } from "../protocol/bed";

/** Carries the priority where colour cannot. */
export const MARK: Record<Priority, string> = { high: "***", medium: "**", low: "*" };

/** For people who hear the screen. */
export const SPOKEN: Record<Priority, string> = {
  high: "High priority alarm",
  medium: "Medium priority alarm",
  low: "Low priority alarm",
};

const NAMES: Readonly<Record<string, string>> = {
  spo2_desat: "SpO₂ desaturation",
  spo2_low: "SpO₂ low",
  spo2_high: "SpO₂ high",
  pulse_low: "Pulse low",
  pulse_high: "Pulse high",
  no_finger: "Probe off",
  no_signal: "No signal",
  weak_signal: "Weak signal",
  sensor_disconnected: "Sensor disconnected",
  low_battery: "Sensor battery low",
  storage_failed: "The record cannot be written",
  sound_failed: "The station cannot make a sound",
  client_lost: "An armed screen is gone",
  clock_jumped: "The station's clock was moved",
};

const SHORT: Readonly<Record<string, string>> = {
  sensor_disconnected: "Disconnected",
  storage_failed: "Not recording",
  sound_failed: "No sound",
};

/** What an alarm is about; a condition of a newer station is named by its own word. */
export function conditionName(condition: string): string {
  return NAMES[condition] ?? condition.replace(/_/g, " ");
}

/** What the alarm line says: the station's message, or the condition's name where it sent none. */
export function alarmText(alarm: Alarm): string {
  return alarm.message === "" ? conditionName(alarm.condition) : alarm.message;
}

/** What the alarm line says: of an alarm that ended, what it was about and not how it ended. */
export function lineText(alarm: Alarm): string {
  return alarm.state === "active" ? alarmText(alarm) : `ENDED: ${alarmText(alarm).replace(/^.*; was /, "")}`;
}

/** That nobody answered, and how often others were called. */
export function unansweredText(step: number): string {
  return `unanswered, called ${step === 1 ? "once" : `${step} times`}`;
}

/** The same in the few words that the alarm bar has room for; an end cut off could be read as another limit. */
export function alarmTextShort(alarm: Alarm): string {
  const name = SHORT[alarm.condition];
  if (name !== undefined) return name;
  return alarm.value === null ? conditionName(alarm.condition) : alarmText(alarm).replace(/ \([^)]*\)$/, "");
}

/** The unit of the values of an alarm. */
export function unitOf(alarm: Pick<Alarm, "condition">): string {
  if (alarm.condition.startsWith("spo2")) return " %";
  return alarm.condition.startsWith("pulse") ? " /min" : "";
}
