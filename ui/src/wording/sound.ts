/** What a screen says about its own sound, and why it lost it. */

/** Stands on every screen that makes none. */
export const NO_SOUND = "NO SOUND ON THIS SCREEN";

/** Why a screen makes no sound although somebody wanted it to. */
export const SOUND_LOST = {
  forbidden: "The browser did not allow sound. Tap again.",
  missing: "This browser cannot make the alarm sounds.",
  stopped: "The browser stopped this screen's sound. Tap to arm it again.",
  unheard: "The sound did not start. Check this tablet's audio, then tap again.",
  refused: "The station does not know this screen any more.",
} as const;

/** One of the reasons. */
export type SoundLost = keyof typeof SOUND_LOST;
