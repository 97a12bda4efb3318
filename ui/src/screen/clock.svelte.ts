/**
 * The time that the screen shows ages by.
 *
 * Ticks four times a second, and at once when the page becomes visible: a hidden page's timers are slowed down, and
 * what was true when it was hidden must not be seen again.
 */

import { Elapsed } from "../ward/elapsed";

const TICK_MS = 250;

/** This screen's count of time, as the views follow it. */
export class Clock {
  readonly #elapsed = new Elapsed();
  #listeners = new Set<(now: number) => void>();
  /** Milliseconds since the app was opened. */
  now = $state(0);

  /** Starts ticking; answers how to stop. */
  start(): () => void {
    const tick = () => {
      this.now = this.#elapsed.read();
      for (const listener of this.#listeners) listener(this.now);
    };
    const timer = setInterval(tick, TICK_MS);
    document.addEventListener("visibilitychange", tick);
    window.addEventListener("pageshow", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
      window.removeEventListener("pageshow", tick);
    };
  }

  /** The exact time now. */
  read(): number {
    return this.#elapsed.read();
  }

  /** Calls `listener` with each tick. */
  each(listener: (now: number) => void): void {
    this.#listeners.add(listener);
  }
}
