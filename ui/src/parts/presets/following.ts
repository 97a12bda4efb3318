/** Which beds follow when the limits of the ward's preset change. */

import type { Limits } from "../../protocol/bed";
import { LIMIT_FIELDS } from "../limits-draft";
import type { BedState } from "../../ward/ward";

/** Whether two sets of limits are the same. */
export const same = (a: Limits, b: Limits): boolean => LIMIT_FIELDS.every(({ name }) => a[name] === b[name]);

/** What a change of the preset does to the beds. */
export interface Following {
  /** Without a patient and as the preset was: they get the new one at once. */
  readonly follow: readonly BedState[];
  /** The others keep their limits, and show where they differ. */
  readonly keep: readonly BedState[];
}

/** The beds that follow when the preset is not `before` any more, and those that do not. */
export function following(beds: readonly BedState[], before: Limits): Following {
  const follow = beds.filter((bed) => bed.patient === null && same(bed.limits, before));
  return { follow, keep: beds.filter((bed) => !follow.includes(bed)) };
}
