/**
 * Which moment of the past the sweep draws now.
 *
 * USB and the network deliver in clumps; drawing a little behind arrival turns the clumps into a steady hand.
 */

/** How far behind arrival is drawn. */
export const BEHIND_MS = 150;
/** Past this the clocks were moved, and the hand moves with them. */
const JUMP_MS = 2_000;
/** How fast the hand follows runs that come later and later. */
const FOLLOW = 0.01;

/** Follows the times in the runs against their arrival. */
export class Playout {
  #offset = Number.NaN;

  /** A run that ends at `due` (station's time of day) came at `now` (this screen's count). */
  arrived(due: number, now: number): void {
    const ahead = due - now;
    if (Number.isNaN(this.#offset) || Math.abs(ahead - this.#offset) > JUMP_MS) this.#offset = ahead;
    else if (ahead > this.#offset) this.#offset = ahead;
    else this.#offset += (ahead - this.#offset) * FOLLOW;
  }

  /** The station's time of day that is drawn at `now`; NaN before the first run. */
  head(now: number): number {
    return now + this.#offset - BEHIND_MS;
  }
}
