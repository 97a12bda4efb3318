/** The particulars of the events that a screen acts upon (docs/ref/events.md). */

import type { Announced, WallTime } from "./bed";
import { decodeAnnounced } from "./decode";
import { fields, list, text } from "./fields";

/** Alarms that nobody answered are announced as more urgent, and others are called. */
export interface Escalation {
  readonly alarms: readonly string[];
  readonly announced: Announced;
}

/** Reads the particulars of `escalated`. */
export function decodeEscalation(detail: unknown): Escalation {
  const alarms = list(fields(detail)["alarms"]).filter((id): id is string => typeof id === "string");
  return { alarms, announced: decodeAnnounced(fields(detail)) ?? { priority: "high", step: 1 } };
}

/** A test of the station's sound. */
export interface SoundTest {
  readonly time: WallTime;
  readonly priority: string;
  /** Why it was not played; `null`: it was. */
  readonly failure: string | null;
}

/** Reads the particulars of `sound_tested`. */
export function decodeSoundTest(time: WallTime, detail: unknown): SoundTest {
  const raw = fields(detail);
  const result = text(raw["result"]) ?? "It is not known whether it was played.";
  return { time, priority: text(raw["priority"]) ?? "", failure: result === "played" ? null : result };
}
