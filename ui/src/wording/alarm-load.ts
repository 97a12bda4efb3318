/** How a load of alarms is told. */

import type { AlarmLoad, Load, Spread } from "../protocol/alarm-load";
import { MISSING, share } from "./numbers";
import { length } from "./recordings";

/** How long an acknowledgement took: median, nine in ten, longest. */
export function spreadInWords(spread: Spread | null): string {
  if (spread === null) return MISSING;
  return [spread.median, spread.nine_in_ten, spread.longest].map(length).join(" / ");
}

/** How many beds a tenth of them are: one at least. */
export const tenthOf = (beds: number): number => Math.max(1, Math.ceil(beds / 10));

/** Which beds cause how much. */
export function concentration({ beds, ward, top_tenth_share }: AlarmLoad): string {
  if (ward.alarms === 0 || top_tenth_share === null) return "No alarm in this span.";
  const many = tenthOf(beds.length);
  const named = beds
    .slice(0, many)
    .map(({ name }) => name)
    .join(", ");
  return many === 1
    ? `${named}, the tenth of the beds with the most, had ${share(top_tenth_share)} of all alarms.`
    : `The ${many} beds with the most (${named}), a tenth of all, had ${share(top_tenth_share)} of all alarms.`;
}

/** The conditions with the most alarms first. */
export function byCondition(load: Load): readonly (readonly [condition: string, count: number])[] {
  return [...load.by_condition]
    .filter(([, count]) => count > 0)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

/** The busiest hour of the day, `14:00 to 15:00`; `null` without an alarm. */
export function busiest(hours: readonly number[]): string | null {
  const most = Math.max(...hours);
  if (most <= 0) return null;
  const hour = hours.indexOf(most);
  return `${String(hour).padStart(2, "0")}:00 to ${String(hour + 1).padStart(2, "0")}:00`;
}
