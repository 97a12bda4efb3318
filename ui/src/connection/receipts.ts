/**
 * What was done on this screen with each alarm, told to the station once for each alarm and each change of it.
 *
 * A receipt is evidence: `shown` only for what stood on a page that was in sight, `sounded` only for a burst that went
 * out.
 */

import type { Alarm } from "../protocol/bed";

/** What the station is told. */
export interface Receipt {
  readonly type: "receipt";
  readonly alarm: string;
  readonly shown: boolean;
  readonly sounded: boolean;
}

interface Told {
  readonly change: string;
  readonly shown: boolean;
  readonly sounded: boolean;
}

/** Which receipts were sent over the present connection. */
export type Receipts = ReadonlyMap<string, Told>;

/** Names how an alarm stands; a new worst value is a change, for it is news to whoever looks. */
const changeOf = (alarm: Alarm): string =>
  JSON.stringify([alarm.priority, alarm.state, alarm.worst, alarm.limit, alarm.acknowledged?.time ?? null]);

/**
 * The receipts that are due, and what was sent then.
 *
 * @param alarms every alarm that there is; what was told of others is forgotten
 * @param shown ids of those in sight now
 * @param sounded ids of those for which a burst went out since the last call
 */
export function receiptsDue(
  before: Receipts,
  alarms: readonly Alarm[],
  shown: ReadonlySet<string>,
  sounded: ReadonlySet<string>,
): { readonly due: readonly Receipt[]; readonly after: Receipts } {
  const due: Receipt[] = [];
  const after = new Map<string, Told>();
  for (const alarm of alarms) {
    const change = changeOf(alarm);
    const kept = before.get(alarm.id);
    const told = kept?.change === change ? kept : { change, shown: false, sounded: false };
    const now = {
      change,
      shown: told.shown || shown.has(alarm.id),
      sounded: told.sounded || sounded.has(alarm.id),
    };
    after.set(alarm.id, now);
    if (now.shown !== told.shown || now.sounded !== told.sounded)
      due.push({ type: "receipt", alarm: alarm.id, shown: now.shown, sounded: now.sounded });
  }
  return { due, after };
}
