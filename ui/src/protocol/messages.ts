/** What the station says on the WebSocket (docs/ref: WebSocket). */

import type { Alarm, Bed, Reading, WallTime } from "./bed";

/** What the holder of a token may do. */
export type Role = "viewer" | "nurse" | "admin";

/** The first message of every connection. */
export interface Hello {
  readonly type: "hello";
  readonly protocol: string;
  readonly station: string;
  readonly version: string;
  /** Names the database: numbers of two epochs have nothing to do with each other. */
  readonly epoch: string;
  readonly seq: number;
  readonly role: Role;
  readonly time: WallTime;
  readonly demo: boolean;
  /** `null`: an older station does not tell. */
  readonly run: Run | null;
  readonly site: Site;
}

/** The present run of the station, from its last start on. */
export interface Run {
  readonly since: WallTime;
  /** How long it was down before, in seconds; `null` where that is not known, as at its very first start. */
  readonly down_s: number | null;
  /** Whether it had been stopped on purpose. */
  readonly clean: boolean | null;
  /** When it was last known to work. */
  readonly last_alive: WallTime | null;
}

/** What the site's locked settings allow. */
export interface Site {
  /** Whether a high alarm that ended unanswered stays to be seen. */
  readonly latch_high: boolean;
  readonly audio_off: boolean;
  readonly alarm_off: boolean;
  /** Unanswered for so long, others are called; `null`: never. */
  readonly escalation_s: number | null;
  /** Whether the station's computer is to sound alarms; an older station does not tell, and sounds. */
  readonly sound: boolean;
}

/** Everything there is to see, at the number `seq` of the record. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly seq: number;
  readonly beds: readonly Bed[];
  /** Alarms that belong to no bed, such as a full disk. */
  readonly station_alarms: readonly Alarm[];
}

/** New numbers of a bed. */
export interface ReadingMessage extends Reading {
  readonly type: "reading";
  readonly seq: number;
  readonly bed: string;
}

/** A run of the plethysmogram: device counts without a unit. */
export interface WaveMessage {
  readonly type: "wave";
  readonly bed: string;
  /** When the first sample was taken. */
  readonly time: WallTime;
  /** Samples per second. */
  readonly rate: number;
  readonly samples: readonly number[];
}

/** An alarm that started, changed or ended; `bed` is `null` for an alarm of the station itself. */
export interface AlarmMessage extends Alarm {
  readonly type: "alarm";
  readonly seq: number;
  readonly bed: string | null;
}

/** Anything else worth a line in the log. */
export interface EventMessage {
  readonly type: "event";
  readonly seq: number;
  readonly bed: string | null;
  readonly time: WallTime;
  readonly kind: string;
  readonly by: string | null;
  readonly detail: unknown;
}

/** The answer to a command of this client. */
export interface ReplyMessage {
  readonly type: "reply";
  readonly id: string;
  readonly ok: boolean;
  /** The command takes longer: a second reply follows at its end. */
  readonly accepted: boolean;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The record after the number asked for has been sent; live from here. */
export interface Resumed {
  readonly type: "resumed";
  readonly from: number;
  readonly to: number;
}

/** The span asked for is not to be had; a snapshot follows. */
export interface Gap {
  readonly type: "gap";
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Waves that this client was too slow for. */
export interface Dropped {
  readonly type: "dropped";
  readonly waves: number;
}

/** A sign of life on a connection with nothing else to send. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly time: WallTime;
  readonly seq: number;
}

/** Something that this client said was not understood. */
export interface ErrorMessage {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
}

/** Something of a bed other than its readings, alarms and waves changed (asked for with `views=1`). */
export interface BedMessage {
  readonly type: "bed";
  readonly bed: Bed;
}

/** A bed is no more. */
export interface BedRemoved {
  readonly type: "bed_removed";
  readonly bed: string;
}

/** Any message of the station that this client knows. */
export type StationMessage =
  | Hello
  | Snapshot
  | ReadingMessage
  | WaveMessage
  | AlarmMessage
  | EventMessage
  | ReplyMessage
  | Resumed
  | Gap
  | Dropped
  | Heartbeat
  | ErrorMessage
  | BedMessage
  | BedRemoved;
