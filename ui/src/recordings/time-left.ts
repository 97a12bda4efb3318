/** How much longer a recording takes to come, judged from how fast it came so far. */

import type { Download } from "../protocol/bed";

/** How far the download was when this screen first saw the recording that is on its way. */
export interface Seen {
  readonly recording: number;
  readonly seconds: number;
  /** In this screen's count of time. */
  readonly at: number;
}

/** A speed measured over less says little. */
const LEAST_MS = 3_000;

/** What was first seen of the recording on its way; measured anew after a pause, in which nothing comes. */
export function firstSeen(before: Seen | null, download: Download, now: number): Seen | null {
  if (download.waiting) return null;
  const goesOn =
    before !== null && before.recording === download.recording && before.seconds <= download.seconds;
  return goesOn ? before : { recording: download.recording, seconds: download.seconds, at: now };
}

/** Seconds until the recording on its way is here; `null` while that cannot be told. */
export function timeLeft(seen: Seen | null, download: Download, now: number): number | null {
  if (seen === null || download.of_seconds === null || now - seen.at < LEAST_MS) return null;
  const speed = (download.seconds - seen.seconds) / (now - seen.at);
  if (speed <= 0) return null;
  return Math.max(0, download.of_seconds - download.seconds) / speed / 1000;
}
