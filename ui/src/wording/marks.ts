/** Short marks beside a bed's name. An alarm is never among them: it has its own place, fill and sound. */

import type { BedState } from "../ward/ward";
import { differsInWords } from "./limits";

/** One mark. */
export interface Mark {
  readonly name: "preset" | "found" | "capture";
  readonly text: string;
}

/** The marks of a bed, in the order in which they stand. */
export function marksOf(bed: Pick<BedState, "found" | "sensor" | "preset_differs">): readonly Mark[] {
  const marks: Mark[] = [];
  const differs = differsInWords(bed.preset_differs);
  if (differs !== null) marks.push({ name: "preset", text: differs });
  if (bed.found) marks.push({ name: "found", text: "New sensor" });
  if (bed.sensor.capture !== null) marks.push({ name: "capture", text: "Bytes are being recorded" });
  return marks;
}
