/**
 * Time as this screen counts it: milliseconds since it was opened, never back.
 *
 * `performance.now()` alone stands still on some systems while the tablet sleeps, and what was shown before would
 * then look fresh on waking. So the wall clock is asked too, and whatever it is ahead counts as sleep. A wall clock
 * that was set forward looks the same; the price is that the screen greys itself until the next message.
 */
export class Elapsed {
  #total = 0;
  #steady: number;
  #wall: number;

  constructor(
    readonly steady: () => number = () => performance.now(),
    readonly wall: () => number = () => Date.now(),
  ) {
    this.#steady = steady();
    this.#wall = wall();
  }

  /** Milliseconds since this was made. */
  read(): number {
    const steady = this.steady();
    const wall = this.wall();
    const ticked = Math.max(0, steady - this.#steady);
    const asleep = wall - this.#wall - ticked;
    this.#total += ticked + (asleep > ASLEEP_MS ? asleep : 0);
    this.#steady = steady;
    this.#wall = wall;
    return this.#total;
  }
}

/** Less than this is the two clocks' ordinary disagreement. */
const ASLEEP_MS = 1_000;
