/** How the answer to “what if the limits were others” is told: every saving beside its price. */

import type { Course, ReplayedAlarm, WhatIf } from "../protocol/what-if";
import { isPhysiological } from "../ward/ward";
import { conditionName, unitOf } from "./alarms";
import { MISSING, perDay } from "./numbers";
import { length } from "./recordings";

/** One line of the comparison: how it was, how it would have been. */
export interface Row {
  readonly name: string;
  readonly was: string;
  readonly would: string;
}

/** One of the figures that stand side by side. */
export interface Figure {
  readonly name: string;
  readonly text: string;
  /** Whether it tells what the saving costs. */
  readonly price: boolean;
}

/** What the answer can tell and what it cannot. */
export const METHOD =
  "The stored numbers of this bed go through the same rules again; nothing is changed by it. It cannot know what " +
  "nobody measured or what the sensor averaged away, nor what became of a patient because an alarm was answered. " +
  "And the next patient is another one.";

const ORDER = ["spo2_desat", "spo2_low", "spo2_high", "pulse_low", "pulse_high"];

/** All alarms of a course. */
export const total = (course: Course): number =>
  [...course.alarms.values()].reduce((sum, count) => sum + count, 0);

/** All alarms for each day watched; `null` if nothing was. */
function totalPerDay(course: Course): number | null {
  const rates = [...course.per_day.values()];
  if (rates.length === 0) return null;
  return rates.reduce<number | null>((sum, each) => (sum === null || each === null ? null : sum + each), 0);
}

/** The conditions of both courses: the patient's in the order of the limits, then the equipment's. */
function conditions({ was, would }: WhatIf): readonly string[] {
  const place = (condition: string) => (ORDER.includes(condition) ? ORDER.indexOf(condition) : ORDER.length);
  return [...new Set([...was.alarms.keys(), ...would.alarms.keys()])]
    .filter((condition) => (was.alarms.get(condition) ?? 0) + (would.alarms.get(condition) ?? 0) > 0)
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** `12 (3.1 a day)`; without the rate where it would rest on too little. */
function counted(count: number, daily: number | null, watched_s: number | null): string {
  const told = perDay(daily, watched_s);
  return told === MISSING ? String(count) : `${count} (${told} a day)`;
}

/** The comparison, line by line. */
export function rowsOf(answer: WhatIf): readonly Row[] {
  const { was, would, watched_s } = answer;
  const of = (course: Course, condition: string) =>
    counted(course.alarms.get(condition) ?? 0, course.per_day.get(condition) ?? null, watched_s);
  const all = (course: Course) => counted(total(course), totalPerDay(course), watched_s);
  return [
    ...conditions(answer).map((condition) => ({
      name: conditionName(condition),
      was: of(was, condition),
      would: of(would, condition),
    })),
    { name: "All alarms", was: all(was), would: all(would) },
    { name: "Below the limit then in force", was: length(was.below_s), would: length(would.below_s) },
    {
      name: "of that without an alarm for it",
      was: length(was.below_unalarmed_s),
      would: length(would.below_unalarmed_s),
    },
  ];
}

const moreOrLess = (difference: number, written: (value: number) => string): string =>
  difference === 0 ? "no change" : `${written(Math.abs(difference))} ${difference > 0 ? "more" : "less"}`;

/** What is saved and what it costs, side by side: never the one without the other. */
export function figuresOf(answer: WhatIf): readonly Figure[] {
  const { was, would, lost, later } = answer;
  const fewer = total(was) - total(would);
  const [before, after] = [was.below_unalarmed_s, would.below_unalarmed_s];
  const missed = lost.filter(({ condition }) => isPhysiological(condition)).length;
  const latest = later.reduce((most, { by_s }) => Math.max(most, by_s ?? 0), 0);
  return [
    {
      name: "Alarms",
      text: fewer === 0 ? "as many" : `${Math.abs(fewer)} ${fewer > 0 ? "fewer" : "more"}`,
      price: fewer < 0,
    },
    {
      name: "Low SpO₂ without an alarm",
      text: before === null || after === null ? MISSING : moreOrLess(after - before, length),
      price: true,
    },
    { name: "Would not have come", text: String(missed), price: true },
    {
      name: "Would have come later",
      text: later.length === 0 ? "0" : `${later.length}, by up to ${length(latest)}`,
      price: true,
    },
  ];
}

/** What an alarm of the answer was about: `SpO₂ low: 84 % < 90 %, for 42 s`. */
export function replayedInWords(alarm: ReplayedAlarm): string {
  const unit = unitOf(alarm);
  const sign = alarm.condition.endsWith("_high") ? ">" : "<";
  const crossed =
    alarm.worst === null || alarm.limit === null
      ? ""
      : `: ${alarm.worst}${unit} ${sign} ${alarm.limit}${unit}`;
  const lasted =
    alarm.until === null ? "still held at the end" : `for ${length((alarm.until - alarm.since) / 1000)}`;
  return `${conditionName(alarm.condition)}${crossed}, ${lasted}`;
}
