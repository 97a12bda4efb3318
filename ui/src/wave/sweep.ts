/**
 * Draws a plethysmogram as a sweep: the pen goes round, a bar ahead of it wipes the last round out.
 *
 * Each frame draws only what is new. Nothing scrolls, and where no samples came the wiped bar stays empty.
 */

import type { Playout } from "./playout";
import type { WaveRing } from "./ring";
import { Scale } from "./scale";

/** Width of the empty bar ahead of the pen, CSS px. */
const BAR_PX = 22;
/** How far one wiped piece reaches into the next. */
const OVERLAP_PX = 2;
/** Space above and below the trace, CSS px. */
const MARGIN_PX = 5;

/** What the painter draws with. */
export interface Ink {
  readonly ground: string;
  readonly trace: string;
}

/** The part of a canvas context that is needed; tests give their own. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  "fillRect" | "beginPath" | "moveTo" | "lineTo" | "stroke" | "setTransform"
> & {
  fillStyle: CanvasRenderingContext2D["fillStyle"];
  strokeStyle: CanvasRenderingContext2D["strokeStyle"];
  lineWidth: number;
  lineJoin: CanvasLineJoin;
  lineCap: CanvasLineCap;
};

/** The sweep of one bed on one canvas. */
export class Sweep {
  readonly #scale = new Scale();
  #width = 0;
  #height = 0;
  #next = 0;
  /** One past the number of the newest sample that the scale knows. */
  #followed = 0;
  #settled = false;
  #generation = 0;
  #wiped = Number.NaN;
  #x = Number.NaN;
  #y = Number.NaN;

  /** @param speed CSS px a second */
  constructor(
    readonly pen: Pen,
    readonly ring: WaveRing,
    readonly playout: Playout,
    readonly ink: Ink,
    readonly speed: number,
  ) {}

  /** The canvas has another size (CSS px) or resolution: everything is drawn anew. */
  resize(width: number, height: number, ratio: number): void {
    this.#width = width;
    this.#height = height;
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.redraw();
  }

  /** Wipes everything; the next frame draws the last round again. */
  redraw(): void {
    this.pen.fillStyle = this.ink.ground;
    this.pen.fillRect(0, 0, this.#width, this.#height);
    this.#next = this.ring.start;
    this.#wiped = Number.NaN;
    this.#lift();
  }

  /** Draws what is new at `now`. */
  frame(now: number): void {
    const head = this.playout.head(now);
    if (Number.isNaN(head) || this.#width <= 0) return;
    if (this.ring.generation !== this.#generation) this.#startAnew();
    if (!this.#settled && this.#scale.settled) {
      // The first beat was drawn before its height was known: once more, at the right one.
      this.#settled = true;
      this.redraw();
    }
    this.#wipe(head);
    const pen = this.pen;
    pen.strokeStyle = this.ink.trace;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.lineCap = "round";
    pen.beginPath();
    const oldest = head - this.#round() + (BAR_PX / this.speed) * 1000;
    this.ring.each(this.#next, (point, number) => {
      if (point.time > head) return false;
      this.#next = number + 1;
      if (!point.joined) this.#lift();
      if (number >= this.#followed) {
        this.#scale.follow(point.value, point.time);
        this.#followed = number + 1;
      }
      if (point.time < oldest) {
        // Older than one round: it would be drawn over what is new.
        this.#lift();
        return true;
      }
      this.#draw(point.time, point.value);
      return true;
    });
    pen.stroke();
  }

  /** The samples are of another patient or sensor. */
  #startAnew(): void {
    this.#generation = this.ring.generation;
    this.#scale.reset();
    this.#settled = false;
    this.redraw();
  }

  /** Milliseconds of one round. */
  #round(): number {
    return (this.#width / this.speed) * 1000;
  }

  #xOf(time: number): number {
    return ((time / 1000) * this.speed) % this.#width;
  }

  #lift(): void {
    this.#x = Number.NaN;
    this.#y = Number.NaN;
  }

  #draw(time: number, value: number): void {
    const x = this.#xOf(time);
    const y = MARGIN_PX + (1 - this.#scale.place(value)) * (this.#height - 2 * MARGIN_PX);
    if (x >= this.#x) {
      this.pen.moveTo(this.#x, this.#y);
      this.pen.lineTo(x, y);
    }
    this.#x = x;
    this.#y = y;
  }

  /** Wipes from where the bar ended to where it ends now. */
  #wipe(head: number): void {
    const end = head + (BAR_PX / this.speed) * 1000;
    const from = Number.isNaN(this.#wiped) ? end : this.#wiped;
    this.#wiped = end;
    // The clock was moved back, or a whole round went by unseen: what stands there is of no known time.
    if (end < from || end - from >= this.#round()) {
      this.redraw();
      this.#wiped = end;
      return;
    }
    this.pen.fillStyle = this.ink.ground;
    // Overlaps what is empty already: on a screen with fractional pixels a seam would leave a trail of old dots.
    const left = Math.floor(this.#xOf(from)) - OVERLAP_PX;
    const right = Math.ceil(this.#xOf(end)) + OVERLAP_PX;
    if (this.#xOf(end) >= this.#xOf(from)) {
      this.pen.fillRect(left, 0, right - left, this.#height);
    } else {
      this.pen.fillRect(left, 0, this.#width - left, this.#height);
      this.pen.fillRect(0, 0, right, this.#height);
    }
  }
}
