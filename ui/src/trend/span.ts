/** The spans that a trend can show. */

/** A span back from now. */
export interface Span {
  readonly label: string;
  readonly seconds: number;
  /** Of one point; chosen so that a screen holds a few hundred. Over 1, so that the station sends min and max. */
  readonly resolution_s: number;
  /** As the station's `from`. */
  readonly from: string;
}

/** Short to long. */
export const SPANS: readonly Span[] = [
  { label: "10 min", seconds: 600, resolution_s: 2, from: "-10m" },
  { label: "1 h", seconds: 3_600, resolution_s: 10, from: "-1h" },
  { label: "8 h", seconds: 28_800, resolution_s: 60, from: "-8h" },
  { label: "24 h", seconds: 86_400, resolution_s: 180, from: "-24h" },
];

/** Where a request for the span begins: at its start, or later where the bed's history does. */
export function requestFrom(span: Span, historyFrom: number | null, now: number): string {
  const begins = now - span.seconds * 1000;
  return historyFrom !== null && historyFrom > begins ? String(historyFrom) : span.from;
}

/** A stretch of the station's time, in ms. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The span around a moment, beginning and ending with whole points. */
export function around(span: Span, at: number): Stretch {
  const point = span.resolution_s * 1000;
  const from = Math.floor((at - span.seconds * 500) / point) * point;
  return { from, to: from + span.seconds * 1000 };
}
