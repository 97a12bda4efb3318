/**
 * What an admin changes of beds: the requests for it, in order, and what to say if one of them fails.
 *
 * Two beds cannot have one port, so a swap needs three requests. If a later one fails, what was done before is
 * undone, and where that fails too the person is told which bed is without a sensor: it must not go unseen.
 */

import type { BedState } from "../ward/ward";

/** What can be set of a bed; what is left out stays. */
export interface BedChange {
  readonly name?: string;
  /** `null`: no sensor. */
  readonly port?: string | null;
  /** `auto`, or a name of the contract. */
  readonly protocol?: string;
}

/** One request. */
export interface Step {
  readonly bed: BedState;
  readonly change: BedChange;
}

/** Sends one change; answers what went wrong, or `null`. */
export type Put = (bed: string, change: BedChange) => Promise<string | null>;

// What a protocol was set to may have been right for the old sensor only.
const at = (port: string | null): BedChange => ({ port, protocol: "auto" });

/** The bed `one` and the bed `other` change their sensors. */
export function swap(one: BedState, other: BedState): readonly Step[] {
  const letGo = { bed: one, change: { port: null } };
  const taken = { bed: other, change: at(one.sensor.port) };
  return other.sensor.port === null
    ? [letGo, taken]
    : [letGo, taken, { bed: one, change: at(other.sensor.port) }];
}

/** Carries out a swap; answers what went wrong and how things stand now, or `null`. */
export async function carryOut(steps: readonly Step[], put: Put): Promise<string | null> {
  const done: Step[] = [];
  for (const step of steps) {
    const trouble = await put(step.bed.id, step.change);
    if (trouble === null) {
      done.push(step);
      continue;
    }
    const bare = await undo(done, put);
    if (bare.length === 0) return `${trouble} Nothing was changed.`;
    return `${trouble} ${bare.join(" and ")} could not be put back: look at the port of each bed in Settings.`;
  }
  return null;
}

/** Gives each bed its old port again, the last one first; answers the names of those that did not get it. */
async function undo(done: readonly Step[], put: Put): Promise<string[]> {
  const failed: string[] = [];
  for (const { bed } of [...done].reverse()) {
    if ((await put(bed.id, { port: bed.sensor.port })) !== null) failed.push(bed.name);
  }
  return failed;
}

/** The lowest number that no bed has. */
export function freeNumber(ids: readonly string[]): string {
  let number = 1;
  while (ids.includes(String(number))) number += 1;
  return String(number);
}
