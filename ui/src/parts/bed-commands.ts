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

/**
 * Whether something at the bed waits for an answer, be it over. While its alarms are off it hides them, and one press
 * must not answer what nobody sees: there each is answered by itself, in the list of the bed's view.
 */
export function isCalling(bed: BedState): boolean {
  if (bed.off?.what === "alarms") return false;
  return bed.latched.length > 0 || bed.alarms.some((alarm) => alarm.acknowledged === null);
}

/** Acknowledges every alarm of the bed, and those that ended unanswered. */
export function acknowledge(session: Session, bed: BedState): Promise<Outcome> {
  return session.command(bed.id, { command: "acknowledge" });
}

/** What the button beside Acknowledge does to the bed's sound, in its words. */
export function soundButton(bed: BedState, now: number | null): { text: string; label: string } {
  if (bed.off !== null) {
    const what = bed.off.what === "audio" ? "audio" : "alarms";
    return { text: `Turn ${what} on`, label: `Turn the ${what} of ${bed.name} on again` };
  }
  return isPaused(bed, now)
    ? { text: "Resume audio", label: `Resume audio of ${bed.name}` }
    : { text: "Pause audio 2 min", label: `Pause audio of ${bed.name} for 2 minutes` };
}

/** Pauses the bed's sound, or lets it sound again; what was turned off is turned on. */
export function pauseOrResume(session: Session, bed: BedState): Promise<Outcome> {
  if (bed.off !== null) return session.command(bed.id, { command: "turn_on" });
  return session.command(
    bed.id,
    isPaused(bed, session.stationTime())
      ? { command: "resume_audio" }
      : { command: "pause_audio", seconds: PAUSE_S },
  );
}
