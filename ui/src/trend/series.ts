/**
 * The points of a trend: from the record first, then live.
 *
 * A point is a short span with its least, greatest and mean value. A span without a value is absent, and the line
 * breaks there: it is never joined across.
 */

import type { Reading, WallTime } from "../protocol/bed";

/** One number over one short span. */
export interface Extent {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
}

/** One short span. */
export interface Point {
  /** Its start, ms. */
  readonly time: WallTime;
  readonly spo2: Extent | null;
  readonly pulse_rate: Extent | null;
}

/** What a chart draws: x in seconds, then one column a curve. */
export interface Columns {
  readonly x: number[];
  readonly mean: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
}

function extent(value: unknown): Extent | null {
  if (typeof value === "number" && Number.isFinite(value))
    return { min: value, max: value, mean: value, count: 1 };
  if (typeof value !== "object" || value === null) return null;
  const { min, max, mean, count } = value as Record<string, unknown>;
  if (typeof min !== "number" || typeof max !== "number" || typeof mean !== "number") return null;
  return { min, max, mean, count: typeof count === "number" ? count : 1 };
}

/** Reads the answer of `GET readings`; what is no number is absent. */
export function decodeReadings(body: unknown): Point[] {
  const rows = (body as { readings?: unknown } | null)?.readings;
  if (!Array.isArray(rows)) return [];
  return rows
    .filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null)
    .filter((row) => typeof row["time"] === "number")
    .map((row) => ({
      time: row["time"] as number,
      spo2: extent(row["spo2"]),
      pulse_rate: extent(row["pulse_rate"]),
    }));
}

function widened(before: Extent | null, value: number | null): Extent | null {
  if (value === null) return before;
  if (before === null) return { min: value, max: value, mean: value, count: 1 };
  const count = before.count + 1;
  return {
    min: Math.min(before.min, value),
    max: Math.max(before.max, value),
    mean: before.mean + (value - before.mean) / count,
    count,
  };
}

/**
 * The points with a live reading added, those older than `span_s` before it dropped.
 *
 * Spans go on from the last point's start, wherever the station let them begin.
 */
export function append(
  points: readonly Point[],
  reading: Reading,
  resolution_s: number,
  span_s: number,
): readonly Point[] {
  const step = resolution_s * 1000;
  const last = points[points.length - 1];
  // The clock was set back: the point would stand before others.
  if (last !== undefined && reading.time < last.time) return points;
  const base = last?.time ?? 0;
  const start = base + Math.floor((reading.time - base) / step) * step;
  const open = last !== undefined && last.time === start ? last : null;
  const grown: Point = {
    time: start,
    spo2: widened(open?.spo2 ?? null, reading.spo2),
    pulse_rate: widened(open?.pulse_rate ?? null, reading.pulse_rate),
  };
  if (grown.spo2 === null && grown.pulse_rate === null) return points;
  const oldest = reading.time - span_s * 1000;
  const kept = points.filter((point) => point.time >= oldest && point !== open);
  return [...kept, grown];
}

/** The columns of one number; an empty point stands wherever a span is missing, so that the line breaks there. */
export function columns(
  points: readonly Point[],
  measure: "spo2" | "pulse_rate",
  resolution_s: number,
): Columns {
  const result: Columns = { x: [], mean: [], min: [], max: [] };
  const put = (time: number, value: Extent | null) => {
    result.x.push(time / 1000);
    result.mean.push(value?.mean ?? null);
    result.min.push(value?.min ?? null);
    result.max.push(value?.max ?? null);
  };
  let before: number | null = null;
  for (const point of points) {
    if (before !== null && point.time - before > resolution_s * 1500) put(before + resolution_s * 1000, null);
    put(point.time, point[measure]);
    before = point.time;
  }
  return result;
}

/** The value under the pointer as `97 (93–98)`; `null` where there is none. */
export function valueAt(data: Columns, index: number): string | null {
  const mean = data.mean[index];
  if (mean === null || mean === undefined) return null;
  const min = data.min[index];
  const max = data.max[index];
  const spread = min === max ? "" : ` (${String(min)}–${String(max)})`;
  return `${Math.round(mean)}${spread}`;
}

/** Where a value stands alone between gaps: no line reaches it, so it has to be drawn as a point. */
export function alone(values: ArrayLike<number | null | undefined>): number[] {
  const there = (index: number) => typeof values[index] === "number";
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (there(index) && !there(index - 1) && !there(index + 1)) found.push(index);
  }
  return found;
}
