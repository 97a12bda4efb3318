/** Limits on their way from where they were tried to the form where they can be set. They are set only there. */

import type { Draft } from "./limits-draft";

let carried: { readonly bed: string; readonly draft: Draft } | null = null;

/** Takes `draft` along to the limits form of `bed`. */
export function carry(bed: string, draft: Draft): void {
  carried = { bed, draft };
}

/** What was taken along to `bed`, once: whoever comes back later finds the form as the station has it. */
export function putDown(bed: string): Draft | null {
  const found = carried?.bed === bed ? carried.draft : null;
  carried = null;
  return found;
}
