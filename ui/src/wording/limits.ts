/** Limits in words: their names, what each of them does, and that they are not the ward's. */

import type { Limits } from "../protocol/bed";

const NAMES: Readonly<Record<string, string>> = {
  spo2_low: "SpO₂ low",
  spo2_desat: "SpO₂ desaturation",
  spo2_high: "SpO₂ high",
  pulse_low: "pulse low",
  pulse_high: "pulse high",
  delay_s: "delay",
  area_delay: "area delay",
};

/** The name that people know a limit by. */
export function limitName(name: string): string {
  return NAMES[name] ?? name.replace(/_/g, " ");
}

/** What a limit does, with its sign: a value equal to it is within it. `null` for a delay, which stands in the others. */
export function ruleOf(name: keyof Limits, limits: Limits): string | null {
  const value = limits[name];
  if (name === "delay_s" || name === "area_delay") return null;
  if (value === null) return "off: no alarm";
  if (!Number.isFinite(value)) return null;
  const delayed = limits.delay_s > 0 ? ` for ${limits.delay_s} s` : "";
  switch (name) {
    case "spo2_low":
      return `alarm when SpO₂ < ${value}${limits.area_delay === null ? delayed : `, once it adds up to ${limits.area_delay} %·s`}`;
    case "spo2_desat":
      return `alarm at once when SpO₂ < ${value}`;
    case "spo2_high":
      return `alarm when SpO₂ > ${value}${delayed}`;
    case "pulse_low":
      return `alarm when pulse < ${value}${delayed}`;
    case "pulse_high":
      return `alarm when pulse > ${value}${delayed}`;
  }
}

/** That limits are not the ward's, in the few words that a tile has room for; `null` where all are. */
export function differsInWords(differs: readonly string[]): string | null {
  const [first, second] = differs;
  if (first === undefined) return null;
  const which =
    second === undefined
      ? limitName(first)
      : differs.length === 2
        ? `${limitName(first)}, ${limitName(second)}`
        : `${differs.length} limits`;
  return `Not the ward preset: ${which}`;
}
