/**
 * Recordings that a sensor keeps in its own memory: what it has, and what was fetched from it (docs/ref: HTTP).
 *
 * They belong to the sensor and not to the bed: whoever wore it last may have made them.
 */

import type { WallTime } from "./bed";
import { fields, list, number, text, type Fields } from "./fields";

/** A recording in the memory of a sensor. */
export interface StoredRecording {
  /** What the station calls it, for `download`. */
  readonly recording: string;
  readonly user: number | null;
  readonly segment: number | null;
  /** How long it is; `null` where the sensor tells only by sending it. */
  readonly seconds: number | null;
  /** By the sensor's own clock, which knows no time zone; `null` for a sensor without a clock. */
  readonly start: string | null;
  /** Whether it holds a perfusion index; `null`: not known before it is fetched. */
  readonly perfusion_index: boolean | null;
}

/** A recording that was fetched and stands in the station's record. */
export interface FetchedRecording {
  readonly id: number;
  readonly sensor: string | null;
  readonly user: number | null;
  readonly segment: number | null;
  /** As the sensor's clock had it, in no time zone and perhaps without a date; `null` for a sensor without a clock. */
  readonly sensor_start: string | null;
  /** The same in the station's time zone; `null` where the sensor gave no date. */
  readonly start: WallTime | null;
  readonly fetched: WallTime | null;
  readonly by: string;
  readonly seconds: number | null;
  /** Seconds of it without a value, lost on the way or never stored. */
  readonly missing_s: number | null;
  /** Of these, how many were lost on the way: the sensor has a value. */
  readonly lost_s: number | null;
  /** Whether every value came the same in two transfers; `null`: the station does not tell. */
  readonly confirmed: boolean | null;
}

/** One second of a recording; a number that is missing is `null`. */
export interface RecordedSecond {
  readonly offset_s: number;
  readonly spo2: number | null;
  readonly pulse_rate: number | null;
  readonly perfusion_index: number | null;
}

/** A fetched recording with its seconds, in order. */
export interface RecordingDetail {
  readonly recording: FetchedRecording;
  readonly samples: readonly RecordedSecond[];
}

/** What came of a download. */
export interface DownloadResult {
  readonly fetched: number;
  /** Of these, how many stood in the record before. */
  readonly already: number;
  readonly missing_s: number;
}

/** Reads the answer of `request recordings`; what cannot be named cannot be fetched and is left out. */
export function decodeStored(result: unknown): readonly StoredRecording[] {
  return list(fields(result)["recordings"])
    .map(fields)
    .filter((raw) => text(raw["recording"]) !== null)
    .map((raw) => ({
      recording: text(raw["recording"]) ?? "",
      user: number(raw["user"]),
      segment: number(raw["segment"]),
      seconds: number(raw["seconds"]),
      start: text(raw["start"]),
      perfusion_index: typeof raw["perfusion_index"] === "boolean" ? raw["perfusion_index"] : null,
    }));
}

function decodeFetched(raw: Fields): FetchedRecording {
  return {
    id: number(raw["id"]) ?? 0,
    sensor: text(raw["sensor"]),
    user: number(raw["user"]),
    segment: number(raw["segment"]),
    sensor_start: text(raw["sensor_start"]),
    start: number(raw["start"]),
    fetched: number(raw["fetched"]),
    by: text(raw["by"]) ?? "",
    seconds: number(raw["seconds"]),
    missing_s: number(raw["missing_s"]),
    lost_s: number(raw["lost_s"]),
    confirmed: typeof raw["confirmed"] === "boolean" ? raw["confirmed"] : null,
  };
}

/** Reads the answer of `GET recordings`, the one fetched last first. */
export function decodeFetchedList(body: unknown): readonly FetchedRecording[] {
  return list(fields(body)["recordings"])
    .map(fields)
    .filter((raw) => number(raw["id"]) !== null)
    .map(decodeFetched)
    .sort((a, b) => (b.fetched ?? 0) - (a.fetched ?? 0) || b.id - a.id);
}

/** Reads the answer of `GET recordings/{id}`. */
export function decodeRecording(body: unknown): RecordingDetail {
  const raw = fields(body);
  return {
    recording: decodeFetched(fields(raw["recording"])),
    samples: list(raw["samples"])
      .map(fields)
      .filter((sample) => number(sample["offset_s"]) !== null)
      .map((sample) => ({
        offset_s: number(sample["offset_s"]) ?? 0,
        spo2: number(sample["spo2"]),
        pulse_rate: number(sample["pulse_rate"]),
        perfusion_index: number(sample["perfusion_index"]),
      })),
  };
}

/** Reads the last reply of `download`. */
export function decodeDownloadResult(result: unknown): DownloadResult {
  const rows = list(fields(result)["recordings"]).map(fields);
  return {
    fetched: rows.length,
    already: rows.filter((row) => row["already"] === true).length,
    missing_s: rows.reduce((sum, row) => sum + (number(row["missing_s"]) ?? 0), 0),
  };
}
