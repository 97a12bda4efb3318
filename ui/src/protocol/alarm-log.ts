/** The alarms of a span, and the story of one of them (docs/ref: HTTP, `alarms`). */

import { decodeAlarm } from "./decode";
import type { Alarm, Priority, WallTime } from "./bed";
import { fields, list, number, text } from "./fields";

/** An alarm with its bed; `null` is the station itself. */
export interface PlacedLine extends Alarm {
  readonly bed: string | null;
}

/** What one screen did with an alarm. */
export interface Receipt {
  readonly client: string;
  readonly address: string | null;
  /** When it was first shown there; `null`: the screen never said so. */
  readonly shown: WallTime | null;
  /** When it was first heard there; `null`: the screen never said so. */
  readonly sounded: WallTime | null;
  /** When it was first acknowledged from there; `null`: it was not. */
  readonly acknowledged: WallTime | null;
}

/** The announcement of an alarm that nobody answered rose. */
export interface Escalation {
  readonly time: WallTime | null;
  readonly step: number | null;
  readonly priority: Priority;
}

/** An alarm from its start to its end. */
export interface AlarmStory {
  readonly alarm: PlacedLine;
  /** Its lines in the record, in order. */
  readonly history: readonly PlacedLine[];
  readonly receipts: readonly Receipt[];
  readonly escalations: readonly Escalation[];
}

const decodePlaced = (value: unknown): PlacedLine => ({
  ...decodeAlarm(value),
  bed: text(fields(value)["bed"]),
});

/** Reads the answer of `GET /api/v1/alarms`, the newest first. */
export function decodeAlarmLog(body: unknown): readonly PlacedLine[] {
  return list(fields(body)["alarms"])
    .map(decodePlaced)
    .sort((a, b) => b.since - a.since || (a.id < b.id ? 1 : -1));
}

/** Reads the answer of `GET /api/v1/alarms/{id}`. */
export function decodeAlarmStory(body: unknown): AlarmStory {
  const raw = fields(body);
  return {
    alarm: decodePlaced(raw["alarm"]),
    history: list(raw["history"]).map(decodePlaced),
    receipts: list(raw["receipts"])
      .map(fields)
      .map((each) => ({
        client: text(each["client"]) ?? "",
        address: text(each["address"]),
        shown: number(each["shown"]),
        sounded: number(each["sounded"]),
        acknowledged: number(each["acknowledged"]),
      })),
    escalations: list(raw["escalations"])
      .map(fields)
      .map((each) => ({
        time: number(each["time"]),
        step: number(each["step"]),
        priority: decodeAlarm(each).priority,
      })),
  };
}
