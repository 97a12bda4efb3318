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
  storage_failed: "Record late or not written",
  sound_failed: "The station cannot make a sound",
  client_lost: "An armed screen is gone",
  clock_jumped: "The station's clock was moved",
};

const SHORT: Readonly<Record<string, string>> = {
  sensor_disconnected: "Disconnected",
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

/** What stands in the message of an alarm that ended between how it ended and what it was. */
const WAS = "; was ";

/** What an alarm is or was about, however it ended; the condition's name where its message does not say. */
export function whatText(alarm: Alarm): string {
  if (alarm.state === "active") return alarmText(alarm);
  const place = alarm.message.lastIndexOf(WAS);
  return place < 0 ? conditionName(alarm.condition) : alarm.message.slice(place + WAS.length);
}

/** How an alarm ended; `null`: it is active, or its message does not say. */
export function endText({ state, message }: Alarm): string | null {
  if (state === "active" || message === "") return null;
  const place = message.lastIndexOf(WAS);
  return place < 0 ? message : message.slice(0, place);
}

/** What the alarm line says: of an alarm that ended, what it was about and not how it ended. */
export function lineText(alarm: Alarm): string {
  return alarm.state === "active" ? alarmText(alarm) : `ENDED: ${whatText(alarm)}`;
}

/** That nobody answered, and how often others were called. */
export function unansweredText(step: number): string {
  return `unanswered, called ${step === 1 ? "once" : `${step} times`}`;
}

/** The same in the few words that the alarm bar has room for; an end cut off could be read as another limit. */
export function alarmTextShort(alarm: Alarm): string {
  const text = whatText(alarm);
  // One alarm for two faults: a disk that is slow loses nothing yet.
  if (alarm.condition === "storage_failed")
    return text.startsWith("The disk is slow") ? "Record late" : "Not recording";
  const name = SHORT[alarm.condition];
  if (name !== undefined) return name;
  // What it measured is not told once it is over, but its message still holds a number then.
  const measured = alarm.value !== null || (alarm.state === "cleared" && alarm.limit !== null);
  return measured ? text.replace(/ \([^)]*\)$/, "") : conditionName(alarm.condition);
}

/** The unit of the values of an alarm. */
export function unitOf(alarm: Pick<Alarm, "condition">): string {
  if (alarm.condition.startsWith("spo2")) return " %";
  return alarm.condition.startsWith("pulse") ? " /min" : "";
}
