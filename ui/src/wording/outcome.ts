/** What a command came to, in words. */

import { decodeAgedReading } from "../protocol/decode";
import type { Command, Outcome } from "../protocol/commands";
import { decodeDownloadResult } from "../protocol/recordings";
import { limitName } from "./limits";
import { protocolName } from "./protocols";
import { length } from "./recordings";
import { age, MISSING, perfusion, size, timeOfDay, whole } from "./numbers";

const REQUEST_NAMES = {
  reading: "Request reading",
  device: "Sensor details",
  recordings: "Recordings in the sensor",
} as const;

/** The name of a command, as its button says it. */
export function commandName(command: Command): string {
  switch (command.command) {
    case "request":
      return REQUEST_NAMES[command.what];
    case "reset":
      return "Reset sensor";
    case "acknowledge":
      return "Acknowledge";
    case "withdraw":
      return "Withdraw";
    case "turn_off":
      return command.what === "audio" ? "Turn audio off" : "Turn alarms off";
    case "turn_on":
      return "Turn on again";
    case "pause_audio":
      return "Pause audio";
    case "resume_audio":
      return "Resume audio";
    case "set_limits":
      return "Set limits";
    case "admit":
      return "Admit";
    case "discharge":
      return "Discharge";
    case "download":
      return "Fetch recordings";
    case "stop_download":
      return "Stop fetching";
    case "confirm_sensor":
      return "Confirm sensor";
    case "set_clock":
      return "Set the sensor's clock";
    case "set_format":
      return "Set the sensor's format";
    case "start_capture":
      return "Record bytes";
    case "stop_capture":
      return "Stop recording bytes";
  }
}

/** A refusal of the station with its field names in the words of the form. */
export function inWords(message: string): string {
  const named = message.replace(
    /\b(spo2_low|spo2_desat|spo2_high|pulse_low|pulse_high|delay_s|area_delay)\b/g,
    limitName,
  );
  return named.charAt(0).toUpperCase() + named.slice(1);
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Says what was read, with its age. */
export function readingInWords(result: unknown): string {
  const raw = field(result, "reading");
  if (raw === null || raw === undefined) return "the sensor has given no reading yet";
  const reading = decodeAgedReading(raw);
  const numbers = [`SpO₂ ${whole(reading.spo2)} %`, `pulse ${whole(reading.pulse_rate)} /min`];
  if (reading.perfusion_index !== null) numbers.push(`PI ${perfusion(reading.perfusion_index)} %`);
  const status = reading.status.map((word) => word.replace(/_/g, " ")).join(", ");
  const aged = age(reading.age_s);
  return `${numbers.join(", ")}${status === "" ? "" : ` (${status})`}, ${
    aged === MISSING ? "age unknown" : `${aged} old`
  }`;
}

const duration = (seconds: number): string =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;

/** Says how long it took until the first good sample, or that none came. */
function resetInWords(result: unknown): string {
  const good = field(result, "first_good_sample_s");
  if (typeof good === "number") return `Port reopened; first good sample after ${duration(good)}`;
  const first = field(result, "first_sample_s");
  return typeof first === "number"
    ? `Port reopened; first sample after ${duration(first)}, but no good one yet`
    : "Port reopened";
}

/** The second of two who acknowledge is told who was first. */
function acknowledgementInWords(result: unknown): string {
  const first = field(result, "first");
  const by = field(first, "by");
  const time = field(first, "time");
  if (typeof by !== "string") return "Acknowledged";
  return `${by} was first${typeof time === "number" ? `, at ${timeOfDay(time)}` : ""}`;
}

/** Whose acknowledgement it was. */
function withdrawalInWords(result: unknown): string {
  const by = field(field(result, "was"), "by");
  return typeof by === "string"
    ? `The acknowledgement by ${by} is withdrawn`
    : "The acknowledgement is withdrawn";
}

/** How many recordings came, how many of them were known, and what is missing of them. */
function downloadInWords(result: unknown): string {
  const { fetched, already, missing_s } = decodeDownloadResult(result);
  if (fetched === 0) return "the sensor has no recording";
  const parts = [`${fetched} ${fetched === 1 ? "recording" : "recordings"} fetched`];
  if (already > 0) parts.push(already === fetched ? "known before" : `${already} of them known before`);
  if (missing_s > 0) parts.push(`${length(missing_s)} without a value`);
  return parts.join(", ");
}

/** How much was kept, and what the disk was too slow for. */
function captureInWords(result: unknown): string {
  const bytes = field(result, "bytes");
  const missing = field(result, "missing");
  const kept = typeof bytes === "number" ? `${size(bytes)} kept` : "stopped";
  const lost =
    typeof missing === "number" && missing > 0 ? `, ${size(missing)} missing: the disk was too slow` : "";
  return `${kept}${lost}; the file is in Settings`;
}

/** What a command that was carried out came to. */
function done(command: Command, result: unknown): string {
  switch (command.command) {
    case "request":
      return command.what === "reading" ? readingInWords(result) : "received";
    case "reset":
      return resetInWords(result);
    case "acknowledge":
      return acknowledgementInWords(result);
    case "withdraw":
      return withdrawalInWords(result);
    case "turn_off":
      return command.what === "audio"
        ? "AUDIO OFF until somebody turns it on"
        : "ALARM OFF until somebody turns it on";
    case "turn_on":
      return "Alarms sound and show again";
    case "pause_audio":
      return "Audio paused";
    case "resume_audio":
      return "Audio on again";
    case "set_limits":
      return "Limits set";
    case "admit":
      return "Patient admitted";
    case "discharge":
      return "Patient discharged; limits are back at the ward preset";
    case "download":
      return downloadInWords(result);
    case "stop_download":
      return "Stopped; what had come whole is kept";
    case "confirm_sensor":
      return "This is the bed's sensor from now on";
    case "set_clock":
      return "The sensor's clock shows the station's time";
    case "set_format":
      return `The sensor sends ${protocolName(command.format)} now`;
    case "start_capture":
      return "The sensor's bytes are being recorded";
    case "stop_capture":
      return captureInWords(result);
  }
}

/** Whether a person ended what was under way: not a failure, though it did not come to its end. */
export function wasStopped(command: Command, outcome: Outcome): boolean {
  return command.command === "download" && !outcome.ok && outcome.code === "stopped";
}

/** The result line of a command. */
export function told(command: Command, outcome: Outcome): string {
  return outcome.ok ? done(command, outcome.result) : inWords(outcome.message);
}
