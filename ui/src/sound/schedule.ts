/** When this screen starts which burst. Pure: times come in, milliseconds of this screen's count. */

import type { Priority } from "../protocol/bed";
import { lengthOf, REPEAT_MS } from "./burst";

/** The least silence between two bursts of which the second is not more urgent: an alarm that flaps must stay countable. */
const LEAST_GAP_MS = 2_500;

const URGENCY: Record<Priority, number> = { high: 3, medium: 2, low: 1 };
const urgency = (priority: Priority | null): number => (priority === null ? 0 : URGENCY[priority]);

/** What to do now. */
export type Step = { readonly start: Priority } | "stop";

/** The pace of the alarm sound. */
export interface Pace {
  readonly wanted: Priority | null;
  /** Something rose since the last burst began: the next one is a new call and not the repetition of the old. */
  readonly rose: boolean;
  readonly last: {
    readonly priority: Priority;
    readonly at: number;
    /** When it falls silent: its end, or the moment it was stopped. */
    readonly until: number;
  } | null;
}

/** Nothing sounds and nothing did. */
export const SILENT: Pace = { wanted: null, rose: false, last: null };

/** The pace from now on, if `wanted` is the highest priority to be heard; `null` for silence. */
export function want(pace: Pace, wanted: Priority | null): Pace {
  return { ...pace, wanted, rose: pace.rose || urgency(wanted) > urgency(pace.wanted) };
}

/** What is due at `now`, and the pace after it. Ask again until there is nothing. */
export function due(pace: Pace, now: number): { readonly step: Step | null; readonly pace: Pace } {
  const { wanted, last } = pace;
  if (last !== null && urgency(wanted) < urgency(last.priority) && now < last.until)
    return { step: "stop", pace: { ...pace, last: { ...last, until: now } } };
  if (wanted === null || now < nextAt(pace, wanted)) return { step: null, pace };
  const started = { priority: wanted, at: now, until: now + lengthOf(wanted) };
  return { step: { start: wanted }, pace: { ...pace, rose: false, last: started } };
}

function nextAt({ rose, last }: Pace, wanted: Priority): number {
  if (last === null) return 0;
  if (!rose) return last.at + REPEAT_MS[wanted];
  return urgency(wanted) > urgency(last.priority) ? 0 : last.until + LEAST_GAP_MS;
}
