/** What is turned off, by the words of IEC 60601-1-8, and what that means for the patient. */

import type { Off } from "../protocol/bed";

/** The name of the state. */
export const OFF_WORD: Record<Off["what"], string> = { audio: "AUDIO OFF", alarms: "ALARM OFF" };

const UNTIL = "until somebody turns it on again or the patient is discharged";

/** What it does; said before it is done and for as long as it holds. */
export const OFF_MEANS: Record<Off["what"], string> = {
  audio: `No alarm of this bed sounds, at the station or on any screen, ${UNTIL}. Alarms are still shown. One short reminder sounds again and again.`,
  alarms: `No alarm of this bed sounds, flashes or calls anybody, ${UNTIL}. Alarms are only recorded. One short reminder sounds again and again.`,
};
