/**
 * The alarm signals as numbers: pulses, gaps, pitch and harmonics. The same as the station's (docs/guide/alarms.md), so
 * that an alarm is known by its sound wherever it sounds.
 *
 * IEC-style, after the table of auditory signals of IEC 60601-1-8 as it is cited in public: HIGH is ten pulses (five, a
 * pause, five), MEDIUM three, LOW two. Pitches are the *oxygen* melody of that standard.
 */

import type { Priority } from "../protocol/bed";

const C5 = 523.25;
const B4 = 493.88;
const A4 = 440;
const G4 = 392;
const F4 = 349.23;

/** The levels of the fundamental and its harmonics relative to each other, each within 9 dB of the fundamental. */
export const PARTIALS: readonly number[] = [1, 0.71, 0.56, 0.45, 0.36];

/** How much of a pulse is its rise, and as much again its fall. A raised cosine: 10 % to 90 % takes 12 % of the pulse. */
export const RAMP_SHARE = 0.2;

/** One pulse of a burst; times in seconds from the start of the burst. */
export interface Pulse {
  readonly at: number;
  readonly length: number;
  /** Of the fundamental, Hz. */
  readonly pitch: number;
}

interface Call {
  readonly pulse_ms: number;
  /** The pitch of each pulse, Hz, and the gap after it, ms. */
  readonly pulses: readonly (readonly [number, number])[];
}

const CALLS: Record<Priority, Call> = {
  high: {
    pulse_ms: 150,
    pulses: [
      [C5, 100],
      [B4, 100],
      [A4, 350],
      [G4, 100],
      [F4, 600],
      [C5, 100],
      [B4, 100],
      [A4, 350],
      [G4, 100],
      [F4, 0],
    ],
  },
  medium: {
    pulse_ms: 200,
    pulses: [
      [C5, 200],
      [B4, 200],
      [A4, 0],
    ],
  },
  // Two equal pulses cannot be taken for the start of MEDIUM.
  low: {
    pulse_ms: 200,
    pulses: [
      [A4, 200],
      [A4, 0],
    ],
  },
};

/** The pulses of one burst of `priority`, in order. */
export function pulses(priority: Priority): readonly Pulse[] {
  const call = CALLS[priority];
  let ms = 0;
  return call.pulses.map(([pitch, gap]) => {
    const at = ms / 1000;
    ms += call.pulse_ms + gap;
    return { at, length: call.pulse_ms / 1000, pitch };
  });
}

/** How long a burst lasts, from its first pulse to the end of its last, ms. */
export function lengthOf(priority: Priority): number {
  const call = CALLS[priority];
  return call.pulses.reduce((ms, [, gap]) => ms + call.pulse_ms + gap, 0);
}

/** From the start of one burst to the start of the next while nothing changes, ms. */
export const REPEAT_MS: Record<Priority, number> = { high: 10_000, medium: 22_000, low: 30_000 };

/** The envelope of a pulse at `share` (0 to 1) of its length: 0 at its edges, 1 between its ramps. */
export function envelope(share: number): number {
  const fromEdge = Math.min(share, 1 - share);
  if (fromEdge <= 0) return 0;
  return fromEdge < RAMP_SHARE ? 0.5 - 0.5 * Math.cos((Math.PI * fromEdge) / RAMP_SHARE) : 1;
}
