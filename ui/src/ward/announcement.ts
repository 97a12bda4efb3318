/**
 * What a screen reader is told of alarms: that they start, become more urgent, are acknowledged and end. Not each new
 * value; a voice that never stops is switched off.
 */

import type { Alarm } from "../protocol/bed";
import { alarmText, SPOKEN } from "../wording/alarms";
import { heardOf, isEscalated } from "./heard";
import { signalled } from "./presentation";
import type { WardState } from "./ward";

/** An alarm with the name of its place. */
export interface Placed {
  readonly place: string;
  readonly bed: string | null;
  readonly alarm: Alarm;
  /** How many times others were called because nobody answers there. */
  readonly called: number;
}

/**
 * Every active alarm that one screen signals, those of the station first, then bed by bed.
 *
 * @param shows whether the screen shows a bed; one that it does not show reaches it once nobody answers there
 */
export function placedAlarms(ward: WardState, shows: (bed: string) => boolean): readonly Placed[] {
  return [
    ...ward.stationAlarms.map((alarm) => ({
      place: "Station",
      bed: null,
      alarm,
      called: ward.stationCalls.get(alarm.id)?.step ?? 0,
    })),
    ...[...ward.beds.values()]
      .filter((bed) => shows(bed.id) || isEscalated(bed))
      .flatMap((bed) => {
        const called = heardOf(bed)?.step ?? 0;
        return signalled(bed).map((alarm) => ({ place: bed.name, bed: bed.id, alarm, called }));
      }),
  ];
}

/** The alarms of the beds of one screen that ended and that nobody has acknowledged. */
export function latchedAlarms(ward: WardState, shows: (bed: string) => boolean): readonly Placed[] {
  return [...ward.beds.values()]
    .filter((bed) => shows(bed.id) && bed.off?.what !== "alarms")
    .flatMap((bed) => bed.latched.map((alarm) => ({ place: bed.name, bed: bed.id, alarm, called: 0 })));
}

/** What is to be said. */
export interface Announcement {
  /** At once, over anything being read: a high alarm. */
  readonly assertive: readonly string[];
  readonly polite: readonly string[];
}

/** What changed between two moments, in words. */
export function announcement(before: readonly Placed[], after: readonly Placed[]): Announcement {
  const assertive: string[] = [];
  const polite: string[] = [];
  const known = new Map(before.map((placed) => [placed.alarm.id, placed]));
  // Told once for a place, however many alarms wait there.
  const told = new Map(before.map(({ place, called }) => [place, called]));
  for (const { place, alarm, called } of after) {
    const old = known.get(alarm.id)?.alarm;
    if (called > (told.get(place) ?? 0)) {
      told.set(place, called);
      assertive.push(`${place}. ${alarmText(alarm)}. Nobody has answered.`);
    }
    known.delete(alarm.id);
    if (old === undefined || old.priority !== alarm.priority) {
      const said = `${SPOKEN[alarm.priority]}. ${place}. ${alarmText(alarm)}.`;
      (alarm.priority === "high" ? assertive : polite).push(said);
    } else if (old.acknowledged === null && alarm.acknowledged !== null) {
      polite.push(`${place}. ${alarmText(alarm)}. Acknowledged by ${alarm.acknowledged.by}.`);
    } else if (old.acknowledged !== null && alarm.acknowledged === null) {
      polite.push(`${place}. ${alarmText(alarm)}. The acknowledgement was withdrawn.`);
    }
  }
  for (const { place, alarm } of known.values()) polite.push(`${place}. Alarm ended: ${alarmText(alarm)}.`);
  return { assertive, polite };
}
