/**
 * The newest seconds of one bed's plethysmogram.
 *
 * Runs of samples are laid end to end by their own rate, because the times in the messages shake by some
 * milliseconds; a run that does not go on where the last one ended starts a new piece, and nothing is ever drawn
 * across the seam.
 */

import type { WaveMessage } from "../protocol/messages";

/** Sensors send at most 100 samples a second and a screen shows at most some 20 s. */
const CAPACITY = 4_096;

/** Runs may be this far from where they are expected and still be one piece. */
const SHAKE_MS = 60;

/** One sample as the painter gets it. */
export interface Point {
  /** The station's time of day, ms. */
  time: number;
  value: number;
  /** Whether it goes on from the sample before it. */
  joined: boolean;
}

/** A ring of samples with their times; a sample's number counts up from 0 and is never used twice. */
export class WaveRing {
  readonly #times = new Float64Array(CAPACITY);
  readonly #values = new Float32Array(CAPACITY);
  readonly #joined = new Uint8Array(CAPACITY);
  #end = 0;
  #floor = 0;
  /** When the sample after the last one is due; NaN before the first. */
  #due = Number.NaN;
  #rate = 0;

  /** One past the number of the newest sample. */
  get end(): number {
    return this.#end;
  }

  /** The number of the oldest sample still held. */
  get start(): number {
    return Math.max(this.#floor, this.#end - CAPACITY);
  }

  /** Counts up when the ring was emptied: what was drawn of it is void. */
  get generation(): number {
    return this.#floor;
  }

  /** Forgets every sample: they belong to a patient who left. */
  clear(): void {
    this.#floor = this.#end;
    this.#due = Number.NaN;
  }

  /** When the newest run ends; NaN before the first. */
  get due(): number {
    return this.#due;
  }

  /** Lays a run behind the ones before it. */
  feed(wave: Pick<WaveMessage, "time" | "rate" | "samples">): void {
    if (!(wave.rate > 0) || wave.samples.length === 0) return;
    const period = 1000 / wave.rate;
    const off = wave.time - this.#due;
    const goesOn = wave.rate === this.#rate && Math.abs(off) <= Math.max(SHAKE_MS, 1.5 * period);
    // A tenth of the difference is taken over with each run: the sensor's clock drifts against the station's.
    const first = goesOn ? this.#due + off / 10 : wave.time;
    wave.samples.forEach((value, index) => {
      const slot = this.#end % CAPACITY;
      this.#times[slot] = first + index * period;
      this.#values[slot] = value;
      this.#joined[slot] = goesOn || index > 0 ? 1 : 0;
      this.#end += 1;
    });
    this.#due = first + wave.samples.length * period;
    this.#rate = wave.rate;
  }

  /** The samples numbered `from` to `end`, at most those still held; `visit` gets the same object each time. */
  each(from: number, visit: (point: Point, number: number) => boolean | void): void {
    const point: Point = { time: 0, value: 0, joined: false };
    for (let number = Math.max(from, this.start); number < this.#end; number += 1) {
      const slot = number % CAPACITY;
      point.time = this.#times[slot] ?? 0;
      point.value = this.#values[slot] ?? 0;
      point.joined = this.#joined[slot] === 1;
      if (visit(point, number) === false) return;
    }
  }
}
