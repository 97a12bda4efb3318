/** What would have alarmed with other limits (docs/ref: HTTP, `what-if`). */

import { decodeAlarm } from "./decode";
import type { Limits, Priority, WallTime } from "./bed";
import { fields, list, number, type Fields } from "./fields";

/** What is to be tried. */
export interface Trial {
  readonly from: string;
  readonly to?: string;
  /** What is left out stays as it was. */
  readonly limits: Partial<Limits>;
  /** A mean over so many seconds, on top of the sensor's own. */
  readonly averaging_s?: number;
}

/** How one set of rules did in a span. */
export interface Course {
  /** How many alarms there were of each condition. */
  readonly alarms: ReadonlyMap<string, number>;
  /** The same for each day watched; `null` if nothing was. */
  readonly per_day: ReadonlyMap<string, number | null>;
  /** Seconds below the limit that was in force. */
  readonly below_s: number | null;
  /** Of these, how many passed without an alarm for it. */
  readonly below_unalarmed_s: number | null;
}

/** One alarm that was or would have been. */
export interface ReplayedAlarm {
  readonly condition: string;
  readonly priority: Priority;
  readonly since: WallTime;
  /** `null`: it still held at the end of the span. */
  readonly until: WallTime | null;
  readonly worst: number | null;
  readonly limit: number | null;
}

/** One that would have come, but later. */
export interface LaterAlarm extends ReplayedAlarm {
  readonly by_s: number | null;
}

/** The answer. */
export interface WhatIf {
  readonly from: WallTime | null;
  readonly to: WallTime | null;
  /** How long the station ran with a sensor at the bed. */
  readonly watched_s: number | null;
  /** How long there was an SpO₂. */
  readonly measured_s: number | null;
  readonly was: Course;
  readonly would: Course;
  readonly lost: readonly ReplayedAlarm[];
  readonly won: readonly ReplayedAlarm[];
  readonly later: readonly LaterAlarm[];
  /** What else is to be known of this answer, in sentences. */
  readonly notes: readonly string[];
}

function decodeCourse(value: unknown): Course {
  const raw = fields(value);
  const counts = Object.entries(fields(raw["alarms"])).map(([condition, count]) => [
    condition,
    number(count) ?? 0,
  ]);
  const perDay = Object.entries(fields(raw["per_day"])).map(([condition, rate]) => [condition, number(rate)]);
  return {
    alarms: new Map(counts as [string, number][]),
    per_day: new Map(perDay as [string, number | null][]),
    below_s: number(raw["below_s"]),
    below_unalarmed_s: number(raw["below_unalarmed_s"]),
  };
}

function decodeReplayed(raw: Fields): ReplayedAlarm {
  const { condition, priority, since, worst, limit } = decodeAlarm(raw);
  return { condition, priority, since, until: number(raw["until"]), worst, limit };
}

/** Reads the answer of `POST what-if`. */
export function decodeWhatIf(body: unknown): WhatIf {
  const raw = fields(body);
  const alarms = (name: string) => list(raw[name]).map(fields);
  return {
    from: number(raw["from"]),
    to: number(raw["to"]),
    watched_s: number(raw["watched_s"]),
    measured_s: number(raw["measured_s"]),
    was: decodeCourse(raw["was"]),
    would: decodeCourse(raw["would"]),
    lost: alarms("lost").map(decodeReplayed),
    won: alarms("won").map(decodeReplayed),
    later: alarms("later").map((each) => ({ ...decodeReplayed(each), by_s: number(each["by_s"]) })),
    notes: list(raw["notes"]).filter((note): note is string => typeof note === "string"),
  };
}
