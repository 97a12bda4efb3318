/**
 * Reads what the station sends.
 *
 * A number that is absent or no number is read as `null`, so that nothing further on can show it as a value.
 * A message of an unknown type is `null`: a newer station may say more than this screen understands.
 */

import type {
  Adapter,
  AgedReading,
  Alarm,
  Announced,
  Bed,
  Download,
  Limits,
  Off,
  Patient,
  Pending,
  Priority,
  Reading,
  RunningCapture,
  Sensor,
} from "./bed";
import { fields, list, number, text, type Fields } from "./fields";
import type { ReplyMessage, Run, Site, StationMessage } from "./messages";

/** Reads the numbers of a reading. */
export function decodeReading(value: unknown): Reading {
  const raw = fields(value);
  return {
    time: number(raw["time"]) ?? 0,
    spo2: number(raw["spo2"]),
    pulse_rate: number(raw["pulse_rate"]),
    perfusion_index: number(raw["perfusion_index"]),
    signal_strength: number(raw["signal_strength"]),
    status: list(raw["status"]).filter((word): word is Reading["status"][number] => typeof word === "string"),
  };
}

/** Reads a reading with its age. Without an age it is as old as can be: an unknown age must not look fresh. */
export function decodeAgedReading(value: unknown): AgedReading {
  return { ...decodeReading(value), age_s: number(fields(value)["age_s"]) ?? Number.POSITIVE_INFINITY };
}

// A priority that this screen does not know is not a reason to be quiet about the alarm.
const decodePriority = (value: unknown): Priority => (value === "low" || value === "medium" ? value : "high");

/** Reads an alarm, with or without the envelope of its message. */
export function decodeAlarm(value: unknown): Alarm {
  const raw = fields(value);
  const by = fields(raw["acknowledged"]);
  const time = number(raw["time"]) ?? 0;
  return {
    id: text(raw["id"]) ?? "",
    time,
    condition: text(raw["condition"]) ?? "",
    priority: decodePriority(raw["priority"]),
    state: raw["state"] === "cleared" ? "cleared" : "active",
    since: number(raw["since"]) ?? time,
    value: number(raw["value"]),
    worst: number(raw["worst"]),
    limit: number(raw["limit"]),
    acknowledged:
      raw["acknowledged"] === null || raw["acknowledged"] === undefined
        ? null
        : { by: text(by["by"]) ?? "", time: number(by["time"]) ?? time },
    message: text(raw["message"]) ?? "",
  };
}

function decodePatient(value: unknown): Patient | null {
  if (value === null || value === undefined) return null;
  const raw = fields(value);
  return { id: text(raw["id"]) ?? "", name: text(raw["name"]) };
}

function decodeSensor(value: unknown): Sensor {
  const raw = fields(value);
  return {
    state: (text(raw["state"]) ?? "none") as Sensor["state"],
    port: text(raw["port"]),
    protocol: text(raw["protocol"]),
    model: text(raw["model"]),
    since: number(raw["since"]),
    message: text(raw["message"]),
    // An older station tells none of these: absent is read as "there is none".
    adapter: decodeAdapter(raw["adapter"]),
    question: text(raw["question"]),
    download: decodeDownload(raw["download"]),
    capture: decodeCapture(raw["capture"]),
  };
}

const absent = (value: unknown): boolean => value === null || value === undefined;

function decodeAdapter(value: unknown): Adapter | null {
  if (absent(value)) return null;
  const raw = fields(value);
  return {
    name: text(raw["name"]),
    usb: text(raw["usb"]),
    serial: text(raw["serial"]),
    place: text(raw["place"]),
  };
}

function decodeDownload(value: unknown): Download | null {
  if (absent(value)) return null;
  const raw = fields(value);
  return {
    recording: number(raw["recording"]) ?? 1,
    of: number(raw["of"]) ?? 1,
    seconds: number(raw["seconds"]) ?? 0,
    of_seconds: number(raw["of_seconds"]),
    by: text(raw["by"]) ?? "",
    waiting: raw["waiting"] === true,
  };
}

function decodeCapture(value: unknown): RunningCapture | null {
  if (absent(value)) return null;
  const raw = fields(value);
  return { file: text(raw["file"]) ?? "", since: number(raw["since"]), bytes: number(raw["bytes"]) };
}

/** Reads a set of limits. */
export function decodeLimits(value: unknown): Limits {
  const raw = fields(value);
  // A limit that the station did not send is shown as absent ("---"), not as a guess: NaN is never formatted.
  const required = (name: string): number => number(raw[name]) ?? Number.NaN;
  return {
    spo2_low: required("spo2_low"),
    spo2_desat: required("spo2_desat"),
    spo2_high: number(raw["spo2_high"]),
    pulse_low: required("pulse_low"),
    pulse_high: required("pulse_high"),
    delay_s: required("delay_s"),
    area_delay: number(raw["area_delay"]),
  };
}

function decodePending(value: unknown): Pending {
  const raw = fields(value);
  const fraction = number(raw["fraction"]) ?? 0;
  return { condition: text(raw["condition"]) ?? "", fraction: Math.min(1, Math.max(0, fraction)) };
}

function decodeOff(value: unknown): Off | null {
  if (absent(value)) return null;
  const raw = fields(value);
  // What is not understood is shown as the lesser: everything is still seen.
  const what = raw["what"] === "alarms" ? "alarms" : "audio";
  return { what, by: text(raw["by"]) ?? "", since: number(raw["since"]) };
}

/** Reads as what a bed's alarms are to be heard; `null`: not at all. */
export function decodeAnnounced(value: unknown): Announced | null {
  if (absent(value)) return null;
  const raw = fields(value);
  return { priority: decodePriority(raw["priority"]), step: number(raw["step"]) ?? 0 };
}

function decodeRun(value: unknown): Run | null {
  const raw = fields(value);
  const since = number(raw["since"]);
  if (since === null) return null;
  const clean = raw["clean"];
  return {
    since,
    down_s: number(raw["down_s"]),
    clean: typeof clean === "boolean" ? clean : null,
    last_alive: number(raw["last_alive"]),
  };
}

function decodeSite(value: unknown): Site {
  const raw = fields(value);
  return {
    latch_high: raw["latch_high"] === true,
    audio_off: raw["audio_off"] === true,
    alarm_off: raw["alarm_off"] === true,
    escalation_s: number(raw["escalation_s"]),
    sound: raw["sound"] !== false,
  };
}

/** Reads a bed object. */
export function decodeBed(value: unknown): Bed {
  const raw = fields(value);
  const audio = fields(raw["audio"]);
  const id = text(raw["id"]) ?? "";
  return {
    id,
    name: text(raw["name"]) ?? id,
    patient: decodePatient(raw["patient"]),
    sensor: decodeSensor(raw["sensor"]),
    reading:
      raw["reading"] === null || raw["reading"] === undefined ? null : decodeAgedReading(raw["reading"]),
    limits: decodeLimits(raw["limits"]),
    audio: { paused_until: number(audio["paused_until"]), by: text(audio["by"]) },
    alarms: list(raw["alarms"]).map(decodeAlarm),
    preset_differs: list(raw["preset_differs"]).filter((name): name is string => typeof name === "string"),
    latched: list(raw["latched"]).map(decodeAlarm),
    pending: list(raw["pending"]).map(decodePending),
    off: decodeOff(raw["off"]),
    announcement: decodeAnnounced(raw["announcement"]),
    history_from: number(raw["history_from"]),
    demo: raw["demo"] === true,
    found: raw["found"] === true,
  };
}

function decodeReply(raw: Fields): ReplyMessage {
  const error = fields(raw["error"]);
  return {
    type: "reply",
    id: text(raw["id"]) ?? "",
    ok: raw["ok"] === true,
    accepted: raw["accepted"] === true,
    result: raw["result"] ?? null,
    error:
      raw["ok"] === true
        ? null
        : {
            code: text(error["code"]) ?? "unknown",
            message: text(error["message"]) ?? "The station refused without a reason.",
          },
  };
}

/** Reads one frame of the WebSocket; `null` if it is nothing that this client understands. */
export function decode(frame: string): StationMessage | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(frame);
  } catch {
    return null;
  }
  const raw = fields(parsed);
  const seq = number(raw["seq"]) ?? 0;
  const time = number(raw["time"]) ?? 0;
  const bed = text(raw["bed"]);
  switch (raw["type"]) {
    case "hello": {
      const role = raw["role"];
      return {
        type: "hello",
        protocol: text(raw["protocol"]) ?? "",
        station: text(raw["station"]) ?? "Station",
        version: text(raw["version"]) ?? "",
        epoch: text(raw["epoch"]) ?? "",
        seq,
        role: role === "nurse" || role === "admin" ? role : "viewer",
        time,
        demo: raw["demo"] === true,
        run: decodeRun(raw["run"]),
        site: decodeSite(raw["site"]),
      };
    }
    case "snapshot":
      return {
        type: "snapshot",
        seq,
        beds: list(raw["beds"]).map(decodeBed),
        station_alarms: list(raw["station_alarms"]).map(decodeAlarm),
      };
    case "reading":
      return bed === null ? null : { type: "reading", seq, bed, ...decodeReading(raw) };
    case "wave":
      return bed === null
        ? null
        : {
            type: "wave",
            bed,
            time,
            rate: number(raw["rate"]) ?? 0,
            samples: list(raw["samples"]).filter((sample): sample is number => typeof sample === "number"),
          };
    case "alarm":
      return { type: "alarm", seq, bed, ...decodeAlarm(raw) };
    case "event":
      return {
        type: "event",
        seq,
        bed,
        time,
        kind: text(raw["kind"]) ?? "",
        by: text(raw["by"]),
        detail: raw["detail"] ?? null,
      };
    case "reply":
      return decodeReply(raw);
    case "resumed":
      return { type: "resumed", from: number(raw["from"]) ?? 0, to: number(raw["to"]) ?? 0 };
    case "gap":
      return {
        type: "gap",
        from: number(raw["from"]) ?? 0,
        to: number(raw["to"]) ?? 0,
        reason: text(raw["reason"]) ?? "unknown",
      };
    case "dropped":
      return { type: "dropped", waves: number(raw["waves"]) ?? 0 };
    case "heartbeat":
      return { type: "heartbeat", time, seq };
    case "error":
      return { type: "error", code: text(raw["code"]) ?? "unknown", message: text(raw["message"]) ?? "" };
    case "bed":
      return { type: "bed", bed: decodeBed(raw["bed"]) };
    case "bed_removed":
      return bed === null ? null : { type: "bed_removed", bed };
    default:
      return null;
  }
}
