/**
 * What an armed screen has to sound. The station decides what of a bed is to be heard; this screen only leaves out what
 * it knows already to be answered, so that an answer stops the sound at once.
 */

import type { Announced, Priority } from "../protocol/bed";
import { RANK, type BedState, type WardState } from "./ward";

/** As what a bed's alarms are to be heard now; `null`: not at all. */
export function heardOf(bed: BedState): Announced | null {
  const waits = bed.alarms.some((alarm) => alarm.acknowledged === null);
  return waits && bed.off === null ? bed.announcement : null;
}

/** Whether others were called to this bed because nobody answered. */
export const isEscalated = (bed: BedState): boolean => (heardOf(bed)?.step ?? 0) > 0;

/** What is to be heard on one screen. */
export interface Heard {
  readonly priority: Priority;
  /** The alarms that this sound calls for: those of its priority. None where the screen itself calls. */
  readonly alarms: readonly string[];
}

/**
 * The most urgent of what is to be heard: the beds that this screen shows, beds elsewhere that nobody answered, and the
 * station itself; `null` for silence.
 */
export function heardOn(ward: WardState, shows: (bed: string) => boolean): Heard | null {
  const station = ward.stationAlarms
    .filter((alarm) => alarm.acknowledged === null)
    .map((alarm) => ({
      priority: ward.stationCalls.get(alarm.id)?.priority ?? alarm.priority,
      alarms: [alarm.id],
    }));
  const beds = [...ward.beds.values()]
    .filter((bed) => shows(bed.id) || isEscalated(bed))
    .flatMap((bed) => {
      const heard = heardOf(bed);
      return heard === null ? [] : [{ priority: heard.priority, alarms: calling(bed) }];
    });
  const all = [...station, ...beds].sort((a, b) => RANK[a.priority] - RANK[b.priority]);
  const top = all[0];
  if (top === undefined) return null;
  const alarms = all.filter((each) => each.priority === top.priority).flatMap((each) => each.alarms);
  return { priority: top.priority, alarms };
}

/** The unanswered alarms that give a bed its sound: the most urgent, for a burst tells of no lesser one. */
function calling(bed: BedState): readonly string[] {
  const waiting = bed.alarms.filter((alarm) => alarm.acknowledged === null);
  const top = waiting[0]?.priority;
  return waiting.filter((alarm) => alarm.priority === top).map((alarm) => alarm.id);
}
