/** Short marks beside a bed's name. An alarm is never among them: it has its own place, fill and sound. */

import type { BedState } from "../ward/ward";

/** One mark. */
export interface Mark {
  readonly name: "found" | "capture";
  readonly text: string;
}

/** The marks of a bed, in the order in which they stand. */
export function marksOf(bed: Pick<BedState, "found" | "sensor">): readonly Mark[] {
  const marks: Mark[] = [];
  if (bed.found) marks.push({ name: "found", text: "New sensor" });
  if (bed.sensor.capture !== null) marks.push({ name: "capture", text: "Bytes are being recorded" });
  return marks;
}
