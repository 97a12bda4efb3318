/**
 * One beat for all traces of the screen.
 *
 * At most 30 frames a second: more is not seen in a pleth and costs a software-drawn screen a whole core. Nothing is
 * drawn while the page is hidden; the samples are kept all the same.
 */

const FRAME_MS = 1000 / 30;
/** A screen of 60 Hz calls every 16.7 ms, give or take; waiting for the full 33.3 ms would make it every third call. */
const EARLY_MS = 5;

type Painter = (now: number) => void;

/** Calls the painters in step. */
export class Pace {
  readonly #painters = new Set<Painter>();
  #asked: number | null = null;
  #last = Number.NEGATIVE_INFINITY;

  /** @param now this screen's count of time */
  constructor(readonly now: () => number) {}

  /** Adds a painter; answers how to remove it. */
  join(painter: Painter): () => void {
    this.#painters.add(painter);
    this.#ask();
    return () => {
      this.#painters.delete(painter);
      if (this.#painters.size === 0 && this.#asked !== null) {
        cancelAnimationFrame(this.#asked);
        this.#asked = null;
      }
    };
  }

  #ask(): void {
    this.#asked ??= requestAnimationFrame((at) => {
      this.#asked = null;
      if (this.#painters.size > 0) this.#ask();
      if (document.visibilityState === "hidden" || at - this.#last < FRAME_MS - EARLY_MS) return;
      this.#last = at;
      const now = this.now();
      for (const painter of this.#painters) painter(now);
    });
  }
}
