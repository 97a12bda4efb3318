/** What this screen knows of the ward, as it follows from the station's messages. Pure: `now` comes in. */

import type { Alarm, Announced, Bed, Priority, Reading } from "../protocol/bed";
import { decodeEscalation, decodeSoundTest, type Escalation, type SoundTest } from "../protocol/events";
import type { AlarmMessage, EventMessage, Hello, ReadingMessage, StationMessage } from "../protocol/messages";
import { lateness, observe, type StationTime } from "./station-time";

/** A bed as this screen knows it: `alarms` are active ones only, in the order in which they are shown. */
export interface BedState extends Omit<Bed, "reading"> {
  readonly reading: Reading | null;
  /** When the newest sample behind the reading was taken, in this screen's count of time. */
  readonly sampledAt: number | null;
  /** Milliseconds between the last two readings that had numbers: some sensors speak every two seconds only. */
  readonly period: number;
}

/** Everything this screen knows. */
export interface WardState {
  /** The station's greeting; `null` before the first. */
  readonly hello: Hello | null;
  /** Whether a snapshot was received, so that an empty ward is empty and not merely unknown. */
  readonly known: boolean;
  /** In the order of the beds, which never changes because of an alarm. */
  readonly beds: ReadonlyMap<string, BedState>;
  readonly stationAlarms: readonly Alarm[];
  /** As what those of the station's own alarms that nobody answered are announced, by alarm. */
  readonly stationCalls: ReadonlyMap<string, Announced>;
  /** The newest test of the station's sound that this screen was told of. */
  readonly soundTest: SoundTest | null;
  readonly time: StationTime | null;
  /** Between the greeting and the end of what was missed: what comes is the past. */
  readonly catchingUp: boolean;
  /** Spans of the record that the station could not give any more. */
  readonly gaps: number;
  /** Waves left out because this screen was too slow. */
  readonly droppedWaves: number;
  /** The last thing this screen said that the station did not understand. */
  readonly complaint: string | null;
}

/** Before the first message. */
export const UNKNOWN_WARD: WardState = {
  hello: null,
  known: false,
  beds: new Map(),
  stationAlarms: [],
  stationCalls: new Map(),
  soundTest: null,
  time: null,
  catchingUp: false,
  gaps: 0,
  droppedWaves: 0,
  complaint: null,
};

/** The ward after `message`, received at `now` (milliseconds of this screen's count). */
export function reduce(ward: WardState, message: StationMessage, now: number): WardState {
  switch (message.type) {
    case "hello":
      return { ...ward, hello: message, time: observe(null, message.time, now), catchingUp: true };
    case "snapshot":
      return {
        ...ward,
        known: true,
        catchingUp: false,
        beds: inOrder(message.beds.map((bed) => seen(bed, now))),
        stationAlarms: ranked(message.station_alarms.filter(isActive)),
      };
    case "resumed":
      return { ...ward, catchingUp: false };
    case "gap":
      return { ...ward, gaps: ward.gaps + 1 };
    case "heartbeat":
      return { ...ward, time: observe(ward.time, message.time, now) };
    case "reading":
      return withReading(observed(ward, message.time, now), message, now);
    case "alarm":
      return withAlarm(
        message.condition === "clock_jumped" ? restarted(ward, message.time, now) : ward,
        message,
      );
    case "bed":
      return withBed(ward, seen(message.bed, now));
    case "bed_removed": {
      const beds = new Map(ward.beds);
      beds.delete(message.bed);
      return { ...ward, beds };
    }
    case "dropped":
      return { ...ward, droppedWaves: ward.droppedWaves + message.waves };
    case "error":
      return { ...ward, complaint: message.message };
    case "event":
      return withEvent(ward, message, now);
    case "wave":
    case "reply":
      return ward;
  }
}

/** The past tells nothing about what the station's clock shows now. */
function observed(ward: WardState, time: number, now: number): WardState {
  return ward.catchingUp ? ward : { ...ward, time: observe(ward.time, time, now) };
}

/** The station's clock was moved: what was known of it is void. */
function restarted(ward: WardState, time: number, now: number): WardState {
  return ward.catchingUp ? ward : { ...ward, time: observe(null, time, now) };
}

function seen(bed: Bed, now: number): BedState {
  return {
    ...bed,
    sampledAt: bed.reading === null ? null : now - bed.reading.age_s * 1000,
    period: 0,
    alarms: ranked(bed.alarms.filter(isActive)),
  };
}

function withBed(ward: WardState, bed: BedState): WardState {
  const before = ward.beds.get(bed.id);
  const known = before === undefined ? bed : { ...bed, period: before.period };
  if (before !== undefined) return { ...ward, beds: new Map(ward.beds).set(bed.id, known) };
  return { ...ward, beds: inOrder([...ward.beds.values(), known]) };
}

const isStale = (reading: Reading): boolean =>
  reading.status.includes("stale") || reading.status.includes("disconnected");

function withReading(ward: WardState, message: ReadingMessage, now: number): WardState {
  const bed = ward.beds.get(message.bed);
  if (bed === undefined) return ward;
  const { type: _type, seq: _seq, bed: _bed, ...reading } = message;
  const sampled = now - lateness(ward.time, reading.time, now);
  const stale = isStale(reading);
  // A stale reading says that nothing new came; it must not make the last sample look younger.
  const sampledAt = stale && bed.sampledAt !== null ? Math.min(bed.sampledAt, sampled) : sampled;
  const flowing = !stale && bed.reading !== null && !isStale(bed.reading);
  const period = flowing ? Math.min(5_000, Math.max(0, reading.time - bed.reading.time)) : bed.period;
  return { ...ward, beds: new Map(ward.beds).set(bed.id, { ...bed, reading, sampledAt, period }) };
}

function withAlarm(ward: WardState, message: AlarmMessage): WardState {
  const { type: _type, seq: _seq, bed: bedId, ...alarm } = message;
  if (bedId === null)
    return {
      ...ward,
      stationAlarms: upsert(ward.stationAlarms, alarm),
      stationCalls: stillCalling(ward.stationCalls, alarm),
    };
  const bed = ward.beds.get(bedId);
  if (bed === undefined) return ward;
  const others = bed.latched.filter((each) => each.id !== alarm.id);
  const stays = ward.hello?.site.latch_high === true && isUnseen(alarm);
  return withBedChange(ward, bed, {
    alarms: upsert(bed.alarms, alarm),
    latched: stays ? [alarm, ...others] : others,
  });
}

/** A high alarm that ended before anybody answered it. */
const isUnseen = (alarm: Alarm): boolean =>
  alarm.state === "cleared" && alarm.acknowledged === null && alarm.priority === "high";

function withEvent(ward: WardState, event: EventMessage, now: number): WardState {
  switch (event.kind) {
    case "clock_jumped":
      return restarted(ward, event.time, now);
    case "sound_tested":
      return { ...ward, soundTest: decodeSoundTest(event.time, event.detail) };
    case "escalated":
      return withCall(ward, event.bed, decodeEscalation(event.detail));
    default:
      return ward;
  }
}

/** Told before the bed's new view: who is called must not wait for it. */
function withCall(ward: WardState, bedId: string | null, { alarms, announced }: Escalation): WardState {
  if (bedId === null) {
    const calls = alarms.map((alarm) => [alarm, announced] as const);
    return { ...ward, stationCalls: new Map([...ward.stationCalls, ...calls]) };
  }
  const bed = ward.beds.get(bedId);
  if (bed === undefined) return ward;
  const before = bed.announcement;
  const risen = before === null || isAbove(announced, before);
  return risen ? withBedChange(ward, bed, { announcement: announced }) : ward;
}

const isAbove = (a: Announced, b: Announced): boolean =>
  RANK[a.priority] < RANK[b.priority] || (a.priority === b.priority && a.step > b.step);

/** An alarm that was answered or is over calls nobody any more. */
function stillCalling(calls: WardState["stationCalls"], alarm: Alarm): WardState["stationCalls"] {
  if (!calls.has(alarm.id) || (isActive(alarm) && alarm.acknowledged === null)) return calls;
  return new Map([...calls].filter(([id]) => id !== alarm.id));
}

const withBedChange = (ward: WardState, bed: BedState, change: Partial<BedState>): WardState => ({
  ...ward,
  beds: new Map(ward.beds).set(bed.id, { ...bed, ...change }),
});

function upsert(alarms: readonly Alarm[], alarm: Alarm): readonly Alarm[] {
  const others = alarms.filter((other) => other.id !== alarm.id);
  return isActive(alarm) ? ranked([...others, alarm]) : others;
}

const isActive = (alarm: Alarm): boolean => alarm.state === "active";

/** The most urgent is the least. */
export const RANK: Record<Priority, number> = { high: 0, medium: 1, low: 2 };

/** Whether a condition is about the patient rather than about the equipment. */
export const isPhysiological = (condition: string): boolean => /^(spo2|pulse)_/.test(condition);

/** The most urgent first; of two alike the patient's before the equipment's, then the newer. */
export function ranked(alarms: readonly Alarm[]): readonly Alarm[] {
  return [...alarms].sort(
    (a, b) =>
      RANK[a.priority] - RANK[b.priority] ||
      Number(isPhysiological(b.condition)) - Number(isPhysiological(a.condition)) ||
      b.since - a.since ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Beds stand in the order in which people count them: 2 before 10. */
function inOrder(beds: readonly BedState[]): ReadonlyMap<string, BedState> {
  const sorted = [...beds].sort((a, b) => countedBefore(a.id, b.id));
  return new Map(sorted.map((bed) => [bed.id, bed]));
}

function countedBefore(a: string, b: string): number {
  const numbered = (id: string) => (/^\d+$/.test(id) ? Number(id) : Number.MAX_SAFE_INTEGER);
  return numbered(a) - numbered(b) || (a < b ? -1 : a > b ? 1 : 0);
}
