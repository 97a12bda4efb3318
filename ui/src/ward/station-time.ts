/**
 * What the station's clock shows now, judged from the times in its messages.
 *
 * Only the least delayed message tells the truth, so the estimate follows the highest; it leaks a little all the
 * time, for a tablet whose own clock runs fast. Taking each message as "now" instead was rejected: behind a link that
 * stores ten seconds, ten-second-old numbers would look fresh.
 */

import type { WallTime } from "../protocol/bed";

/** How far the station's clock is ahead of this screen's count of time. */
export interface StationTime {
  readonly offset: number;
  readonly observedAt: number;
}

/** More than two ordinary quartz clocks drift apart. */
const LEAK = 200e-6;

/** The estimate after a message that was written at `time` and received at `now`. */
export function observe(before: StationTime | null, time: WallTime, now: number): StationTime {
  const told = time - now;
  if (before === null) return { offset: told, observedAt: now };
  const leaked = before.offset - LEAK * (now - before.observedAt);
  return { offset: Math.max(told, leaked), observedAt: now };
}

/** The station's time of day at `now`; `null` before the first message. */
export function stationNow(estimate: StationTime | null, now: number): WallTime | null {
  return estimate === null ? null : now + estimate.offset;
}

/** How long before `now` the station's clock showed `time`, in ms; 0 if it is yet to come. */
export function lateness(estimate: StationTime | null, time: WallTime, now: number): number {
  return estimate === null ? 0 : Math.max(0, now + estimate.offset - time);
}
