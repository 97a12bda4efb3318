/** What a command came to, in words. */

import { decodeAgedReading } from "../protocol/decode";
import type { Command, Outcome } from "../protocol/commands";
import { age, MISSING, perfusion, timeOfDay, whole } from "./numbers";

/** The name of a command, as its button says it. */
export function commandName(command: Command): string {
  switch (command.command) {
    case "request":
      return command.what === "reading" ? "Request reading" : "Sensor details";
    case "reset":
      return "Reset sensor";
    case "acknowledge":
      return "Acknowledge";
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
  }
}

/** The names that people know the limits by. */
const LIMIT_NAMES: Readonly<Record<string, string>> = {
  spo2_low: "SpO₂ low",
  spo2_desat: "SpO₂ desaturation",
  spo2_high: "SpO₂ high",
  pulse_low: "pulse low",
  pulse_high: "pulse high",
  delay_s: "delay",
  area_delay: "area delay",
};

/** A refusal of the station with its field names in the words of the form. */
export function inWords(message: string): string {
  const named = message.replace(
    /\b(spo2_low|spo2_desat|spo2_high|pulse_low|pulse_high|delay_s|area_delay)\b/g,
    (word) => LIMIT_NAMES[word] ?? word,
  );
  return named.charAt(0).toUpperCase() + named.slice(1);
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Says what was read, with its age. */
export function readingInWords(result: unknown): string {
  const reading = decodeAgedReading(field(result, "reading") ?? result);
  const numbers = [`SpO₂ ${whole(reading.spo2)} %`, `pulse ${whole(reading.pulse_rate)} /min`];
  if (reading.perfusion_index !== null) numbers.push(`PI ${perfusion(reading.perfusion_index)} %`);
  const status = reading.status.map((word) => word.replace(/_/g, " ")).join(", ");
  const aged = age(reading.age_s);
  return `${numbers.join(", ")}${status === "" ? "" : ` (${status})`}, ${
    aged === MISSING ? "age unknown" : `${aged} old`
  }`;
}

/** Seconds until the first good sample, under the name that the station gives it. */
function firstSample(result: unknown): number | null {
  for (const name of ["first_sample_s", "seconds", "took_s"]) {
    const value = field(result, name);
    if (typeof value === "number" && Number.isFinite(value)) return value;
  }
  return null;
}

/** What a command that was carried out came to. */
function done(command: Command, result: unknown): string {
  switch (command.command) {
    case "request":
      return command.what === "reading" ? readingInWords(result) : "Sensor details received";
    case "reset": {
      const seconds = firstSample(result);
      return seconds === null
        ? "Port reopened"
        : `Port reopened; first good sample after ${seconds.toFixed(1)} s`;
    }
    case "acknowledge": {
      const first = field(result, "acknowledged") ?? field(result, "first");
      const by = field(first, "by");
      const time = field(first, "time");
      return typeof by === "string"
        ? `Acknowledged by ${by}${typeof time === "number" ? ` at ${timeOfDay(time)}` : ""}`
        : "Acknowledged";
    }
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
  }
}

/** The result line of a command. */
export function told(command: Command, outcome: Outcome): string {
  return outcome.ok ? done(command, outcome.result) : inWords(outcome.message);
}
