/** The commands that both a button and a key can give. */

import type { Outcome } from "../protocol/commands";
import type { Session } from "../session.svelte";
import type { BedState } from "../ward/ward";

/** How long `Pause audio` lasts; the button says so. */
const PAUSE_S = 120;

/** Whether the bed's sound is paused at the station's time `now`. */
export function isPaused(bed: BedState, now: number | null): boolean {
  return bed.audio.paused_until !== null && now !== null && bed.audio.paused_until > now;
}

/** Acknowledges every active alarm of the bed. */
export function acknowledge(session: Session, bed: BedState): Promise<Outcome> {
  return session.command(bed.id, { command: "acknowledge" });
}

/** Pauses the bed's sound, or lets it sound again. */
export function pauseOrResume(session: Session, bed: BedState): Promise<Outcome> {
  return session.command(
    bed.id,
    isPaused(bed, session.stationTime())
      ? { command: "resume_audio" }
      : { command: "pause_audio", seconds: PAUSE_S },
  );
}
