/** The plethysmograms of the ward: kept beside its state, because they change thirty times a second. */

import type { WaveMessage } from "../protocol/messages";
import { Playout } from "./playout";
import { WaveRing } from "./ring";

/** The samples of one bed and the hand that draws them. */
export interface Trace {
  readonly ring: WaveRing;
  readonly playout: Playout;
}

/** A trace a bed, made when first asked for. */
export class Traces {
  readonly #traces = new Map<string, Trace>();

  /** The trace of a bed; empty until waves come. */
  of(bed: string): Trace {
    let trace = this.#traces.get(bed);
    if (trace === undefined) {
      trace = { ring: new WaveRing(), playout: new Playout() };
      this.#traces.set(bed, trace);
    }
    return trace;
  }

  /** Takes a run that came at `now` (this screen's count of time). */
  feed(wave: WaveMessage, now: number): void {
    const trace = this.of(wave.bed);
    trace.ring.feed(wave);
    if (!Number.isNaN(trace.ring.due)) trace.playout.arrived(trace.ring.due, now);
  }

  /** Empties the trace of a bed that is no more, or whose patient left. */
  forget(bed: string): void {
    this.#traces.get(bed)?.ring.clear();
  }
}
