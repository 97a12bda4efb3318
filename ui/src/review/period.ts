/** The stretch of the record that a review looks at: a span back from now, or from one time to another. */

import type { WallTime } from "../protocol/bed";

/** A stretch of the record. */
export type Period =
  | { readonly kind: "back"; readonly label: string; /** As the station's `from`. */ readonly from: string }
  | { readonly kind: "between"; readonly from: WallTime; readonly to: WallTime };

/** A span back from now. */
export type Back = Extract<Period, { kind: "back" }>;

/** Short to long. */
export const PERIODS: readonly [Back, ...Back[]] = [
  { kind: "back", label: "Last 8 h", from: "-8h" },
  { kind: "back", label: "24 h", from: "-24h" },
  { kind: "back", label: "7 days", from: "-7d" },
];

/** As a query of the station. */
export function queryOf(period: Period): string {
  return period.kind === "back" ? `from=${period.from}` : `from=${period.from}&to=${period.to}`;
}

/** As the fields of a body for the station. */
export function boundsOf(period: Period): { readonly from: string; readonly to?: string } {
  if (period.kind === "back") return { from: period.from };
  return { from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() };
}

/** What was typed as two times of this screen's clock, or why it is no stretch of time. */
export function between(from: string, to: string): Period | string {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isNaN(begin)) return "Say from when.";
  if (Number.isNaN(end)) return "Say until when.";
  if (begin >= end) return "The end must come after the beginning.";
  return { kind: "between", from: begin, to: end };
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A time as a field for date and time holds it. */
export function typedTime(time: WallTime): string {
  const date = new Date(time);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
