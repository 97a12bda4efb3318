/**
 * The vertical scale of a plethysmogram.
 *
 * Device counts have no unit, so the trace is fitted to its height, and the screen says so ("auto-scaled"). It is
 * fitted to the last few seconds, which hold at least one beat of any pulse, so that no beat is cut off and a jerk of
 * the hand is soon forgotten.
 */

/** Counts below which a swing is noise and is not blown up to full height. */
const LEAST_SWING = 12;
/** The range is gathered in spans of this length; the newest and the two before it count. */
const SPAN_MS = 1_500;
const SPANS = 3;
/** Part of the surplus range given up with each sample, so that the trace does not jump. */
const EASE = 0.03;

interface Range {
  low: number;
  high: number;
}

/** Grows at once with the trace and shrinks softly. */
export class Scale {
  #spans: Range[] = [];
  #since = Number.NaN;
  #low = Number.NaN;
  #high = Number.NaN;

  /** Whether more than one span was seen, so that a whole beat is known. */
  get settled(): boolean {
    return this.#spans.length > 1;
  }

  /** Takes a sample of `time` (ms) into account. */
  follow(value: number, time: number): void {
    let newest = this.#spans[0];
    if (newest === undefined || !(Math.abs(time - this.#since) < SPAN_MS)) {
      newest = { low: value, high: value };
      this.#spans = [newest, ...this.#spans.slice(0, SPANS - 1)];
      this.#since = time;
    }
    newest.low = Math.min(newest.low, value);
    newest.high = Math.max(newest.high, value);
    const low = Math.min(...this.#spans.map((span) => span.low));
    const high = Math.max(...this.#spans.map((span) => span.high));
    this.#low = this.#low < low ? this.#low + (low - this.#low) * EASE : low;
    this.#high = this.#high > high ? this.#high + (high - this.#high) * EASE : high;
  }

  /** Where `value` stands between the bottom (0) and the top (1). */
  place(value: number): number {
    const swing = Math.max(LEAST_SWING, this.#high - this.#low);
    const middle = (this.#high + this.#low) / 2;
    return Math.min(1, Math.max(0, (value - middle) / swing + 0.5));
  }

  /** Forgets everything: the next piece may be of another sensor. */
  reset(): void {
    this.#spans = [];
    this.#since = Number.NaN;
    this.#low = Number.NaN;
    this.#high = Number.NaN;
  }
}
