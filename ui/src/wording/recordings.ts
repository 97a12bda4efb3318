/** How the recordings in a sensor's memory are told. */

import type { FetchedRecording } from "../protocol/recordings";
import { dateAndTime, MISSING } from "./numbers";

const two = (value: number): string => String(value).padStart(2, "0");

/** A length: `42 s`, `10 min 17 s`, `8 h 02 min`; `---` where it is not known. */
export function length(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return MISSING;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${two(Math.floor((whole % 3_600) / 60))} min`;
}

/** A place in a recording, `0:10:17` after its start. */
export function offset(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 3_600)}:${two(Math.floor((whole % 3_600) / 60))}:${two(whole % 60)}`;
}

/** When a recording began, by the sensor's own clock; it is shown as the sensor has it, in no time zone. */
export function startOf(start: string | null): string {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(start ?? "");
  if (found !== null) return `${found[1]} ${found[2]}`;
  return start !== null && /^\d{2}:\d{2}$/.test(start) ? `${start}, day not known` : "start not known";
}

/** When a fetched recording began, by the sensor's clock. */
export function fetchedStart(recording: FetchedRecording): string {
  if (recording.sensor_start !== null || recording.start === null) return startOf(recording.sensor_start);
  return dateAndTime(recording.start);
}

/** What is missing of a fetched recording, and how far what is there can be trusted; `null` where nothing is to be said. */
export function doubtOf({ missing_s, lost_s, confirmed }: FetchedRecording): string | null {
  const parts: string[] = [];
  if (missing_s !== null && missing_s > 0) parts.push(`${length(missing_s)} without a value`);
  if (lost_s !== null && lost_s > 0) parts.push(`${length(lost_s)} of it lost on the way: fetch it again`);
  // No sensor sends a checksum with what it has stored.
  if (confirmed === false) parts.push("came once only, so a value may have been changed on the line");
  return parts.length === 0 ? null : parts.join("; ");
}

/** Whose it is among the sensor's users, counted as people count; the first is not named, most sensors have no other. */
export function userOf(recording: { readonly user: number | null }): string | null {
  return recording.user === null || recording.user === 0 ? null : `user ${recording.user + 1}`;
}
