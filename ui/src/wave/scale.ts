/**
 * The vertical scale of a plethysmogram.
 *
 * Device counts have no unit, so the trace is fitted to its height, and the screen says so ("auto-scaled").
 */

/** Counts below which a swing is noise and is not blown up to full height. */
const LEAST_SWING = 12;
/** Part of the unused range given up with each sample: about three seconds at 60 samples a second. */
const SHRINK = 0.005;

/** Grows at once with the trace and shrinks slowly. */
export class Scale {
  #low = Number.NaN;
  #high = Number.NaN;

  /** Takes a sample into account. */
  follow(value: number): void {
    if (Number.isNaN(this.#low)) {
      this.#low = value;
      this.#high = value;
      return;
    }
    const give = (this.#high - this.#low) * SHRINK;
    this.#low = Math.min(value, this.#low + give);
    this.#high = Math.max(value, this.#high - give);
  }

  /** Where `value` stands between the bottom (0) and the top (1). */
  place(value: number): number {
    const swing = Math.max(LEAST_SWING, this.#high - this.#low);
    const middle = (this.#high + this.#low) / 2;
    return Math.min(1, Math.max(0, (value - middle) / swing + 0.5));
  }

  /** Forgets everything: the next piece may be of another sensor. */
  reset(): void {
    this.#low = Number.NaN;
    this.#high = Number.NaN;
  }
}
