/** How alarms of the past are told. */

import type { PlacedLine } from "../protocol/alarm-log";
import type { Happening } from "../review/story";
import { unitOf, whatText } from "./alarms";
import { dateAndSecond, timeOfDay } from "./numbers";
import { length } from "./recordings";

/** How long after the start: `40 ms`, `1.3 s` below ten seconds, else as a length. */
export function afterwards(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : length(seconds);
}

/** When it ended; of one that was acknowledged after its end it is known only by when. */
export function endInWords({ state, time, since, acknowledged }: PlacedLine): string {
  if (state === "active") return "active";
  const sameDay = dateAndSecond(since).slice(0, 10) === dateAndSecond(time).slice(0, 10);
  const end = sameDay ? timeOfDay(time) : dateAndSecond(time);
  return acknowledged !== null && acknowledged.time >= time ? `by ${end}` : end;
}

/** Who acknowledged, and after how long; `null`: nobody. */
export function answeredBy({ acknowledged, since }: PlacedLine): string | null {
  return acknowledged === null ? null : `${acknowledged.by} after ${afterwards(acknowledged.time - since)}`;
}

/** What happened, in words. */
export function happeningInWords(step: Happening): string {
  switch (step.what) {
    case "raised":
      return `Raised, ${step.line.priority} priority: ${whatText(step.line)}`;
    case "worse":
      return step.line.worst === null
        ? "Worst value not known any more"
        : `Worst value now ${step.line.worst}${unitOf(step.line)}`;
    case "risen":
      return `Priority now ${step.line.priority}`;
    case "acknowledged":
      return `Acknowledged by ${step.by}`;
    case "withdrawn":
      return `Acknowledgement of ${step.by} taken back`;
    case "ended":
      return "Ended";
    case "shown":
      return `Shown at ${step.by}`;
    case "sounded":
      return `Sounded at ${step.by}`;
    case "escalated":
      return `Nobody had answered: announced as ${step.priority} priority, and on all screens${
        step.step === null ? "" : ` (step ${step.step})`
      }`;
  }
}
