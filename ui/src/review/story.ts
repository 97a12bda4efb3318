/** The story of one alarm, told from its lines in the record: what changed, when, and how long after it was raised. */

import type { AlarmStory, PlacedLine } from "../protocol/alarm-log";
import type { WallTime } from "../protocol/bed";

/** One thing that happened to an alarm. */
export type Happening =
  | { readonly what: "raised"; readonly line: PlacedLine }
  | { readonly what: "worse"; readonly line: PlacedLine }
  | { readonly what: "risen"; readonly line: PlacedLine }
  | { readonly what: "acknowledged"; readonly by: string }
  | { readonly what: "withdrawn"; readonly by: string }
  | { readonly what: "ended" }
  | { readonly what: "shown"; readonly by: string }
  | { readonly what: "sounded"; readonly by: string }
  | { readonly what: "escalated"; readonly priority: string; readonly step: number | null };

/** When it happened. */
export type Step = Happening & { readonly time: WallTime };

/** All that happened, in order. */
export function stepsOf({ alarm, history, receipts, escalations }: AlarmStory): readonly Step[] {
  const steps: Step[] = [];
  const add = (time: WallTime | null, happening: Happening) => {
    if (time !== null) steps.push({ time, ...happening });
  };
  const lines = history.length === 0 ? [alarm] : history;
  lines.forEach((line, place) => {
    const before = lines[place - 1];
    if (before === undefined) add(line.since, { what: "raised", line });
    else for (const happening of changes(before, line)) add(timeOf(line, happening), happening);
  });
  for (const { client, shown, sounded } of receipts) {
    add(shown, { what: "shown", by: client });
    add(sounded, { what: "sounded", by: client });
  }
  for (const { time, priority, step } of escalations) add(time, { what: "escalated", priority, step });
  // What came at the same millisecond stays in the order of its telling: raised before shown before sounded.
  return steps.sort((a, b) => a.time - b.time);
}

const timeOf = (line: PlacedLine, happening: Happening): WallTime =>
  happening.what === "acknowledged" ? (line.acknowledged?.time ?? line.time) : line.time;

/** What a line of the record says that the line before did not. */
function changes(before: PlacedLine, line: PlacedLine): readonly Happening[] {
  const found: Happening[] = [];
  if (line.priority !== before.priority) found.push({ what: "risen", line });
  if (line.worst !== before.worst) found.push({ what: "worse", line });
  const [was, is] = [before.acknowledged, line.acknowledged];
  if (is !== null && (was?.by !== is.by || was.time !== is.time))
    found.push({ what: "acknowledged", by: is.by });
  if (is === null && was !== null) found.push({ what: "withdrawn", by: was.by });
  if (line.state === "cleared" && before.state === "active") found.push({ what: "ended" });
  return found;
}

/** When it ended; `null`: it is active. */
export function endOf({ alarm, history }: AlarmStory): WallTime | null {
  if (alarm.state === "active") return null;
  return history.find(({ state }) => state === "cleared")?.time ?? alarm.time;
}
