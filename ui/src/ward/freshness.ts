/**
 * Which of a bed's numbers may be shown as current.
 *
 * The station judges this and sends `null`; this screen judges it again by its own count of time, because the
 * station cannot tell a screen that it no longer reaches.
 */

import type { BedState } from "./ward";

/** From this age on the age stands beside the number. */
export const AGE_SHOWN_MS = 1_500;
/** Past this age there is no number, for a sensor that speaks at least once a second. */
export const EXPIRED_MS = 3_000;
/**
 * A station that says nothing for this long is lost: it says something every 1.5 s. The screen looks four times a second,
 * so that it is told within 5 s.
 */
export const LINK_LOST_MS = 4_700;

/** What the tile shows of a bed's numbers. */
export interface Shown {
  readonly spo2: number | null;
  readonly pulse_rate: number | null;
  readonly perfusion_index: number | null;
  /** Seconds since the newest sample, where it is to be shown; `null` while the numbers are fresh or there never were any. */
  readonly age_s: number | null;
  /** The numbers are not current: drawn grey. */
  readonly grey: boolean;
}

/** What may be shown of `bed` at `now`; `linked` is whether the station is heard. */
export function shown(bed: BedState, now: number, linked: boolean): Shown {
  const age = bed.sampledAt === null ? null : Math.max(0, now - bed.sampledAt);
  const bound = Math.max(EXPIRED_MS, 2 * bed.period + 1_000);
  const stale = bed.reading?.status.some((word) => word === "stale" || word === "disconnected") ?? true;
  const current = linked && bed.reading !== null && age !== null && age <= bound;
  return {
    spo2: current ? bed.reading.spo2 : null,
    pulse_rate: current ? bed.reading.pulse_rate : null,
    perfusion_index: current ? bed.reading.perfusion_index : null,
    age_s: age !== null && age >= AGE_SHOWN_MS ? age / 1000 : null,
    grey: stale || !current,
  };
}

/** How the link to the station stands. */
export type LinkState = "connecting" | "live" | "lost" | "refused";

/** A link that broke may come back within this time without an alarm about it. */
const BROKEN_MS = 2_000;

/**
 * Judges the link.
 *
 * @param phase of the socket
 * @param silence milliseconds since the last message; `null` if there never was one
 */
export function judgeLink(
  phase: "connecting" | "open" | "waiting" | "refused",
  silence: number | null,
  waited: number,
): LinkState {
  if (phase === "refused") return "refused";
  if (silence === null) return waited > LINK_LOST_MS ? "lost" : "connecting";
  if (silence > (phase === "open" ? LINK_LOST_MS : BROKEN_MS)) return "lost";
  return "live";
}
