/** The limits form: what was typed, and what of it is to be sent. */

import type { Limits } from "../protocol/bed";
import { inWords } from "../wording/outcome";

/** One field of the form. */
export interface LimitField {
  readonly name: keyof Limits;
  readonly label: string;
  readonly unit: string;
  /** The range, as the person is told; the station checks it. */
  readonly range: string;
  /** Whether it can be switched off. */
  readonly optional: boolean;
}

/** In the order of the form. */
export const LIMIT_FIELDS: readonly LimitField[] = [
  { name: "spo2_low", label: "SpO₂ low", unit: "%", range: "50–99", optional: false },
  {
    name: "spo2_desat",
    label: "SpO₂ desaturation",
    unit: "%",
    range: "40–98, below SpO₂ low",
    optional: false,
  },
  { name: "spo2_high", label: "SpO₂ high", unit: "%", range: "above SpO₂ low, to 100", optional: true },
  { name: "pulse_low", label: "Pulse low", unit: "/min", range: "20–200", optional: false },
  {
    name: "pulse_high",
    label: "Pulse high",
    unit: "/min",
    range: "above pulse low, to 300",
    optional: false,
  },
  { name: "delay_s", label: "Delay", unit: "s", range: "0–60", optional: false },
  {
    name: "area_delay",
    label: "Area delay",
    unit: "%·s",
    range: "10–100; on, it governs SpO₂ low in place of the delay",
    optional: true,
  },
];

/** What was typed; `null` is switched off. */
export type Draft = Readonly<Record<keyof Limits, string | null>>;

/** The form as it stands when nothing was typed. */
export function draftOf(limits: Limits): Draft {
  const written = (value: number | null) =>
    value === null ? null : Number.isFinite(value) ? String(value) : "";
  return Object.fromEntries(LIMIT_FIELDS.map(({ name }) => [name, written(limits[name])])) as Draft;
}

/** What is to be sent, or why it cannot be. */
export type Change =
  | { readonly ok: true; readonly limits: Partial<Limits> }
  | { readonly ok: false; readonly field: keyof Limits; readonly message: string };

/** What differs from `limits`. Ranges are the station's to judge; here only that a number is a number. */
export function changeOf(draft: Draft, limits: Limits): Change {
  const changed: Partial<Record<keyof Limits, number | null>> = {};
  for (const { name, label } of LIMIT_FIELDS) {
    const typed = draft[name];
    const value = typed === null ? null : /^\s*\d+\s*$/.test(typed) ? Number(typed) : Number.NaN;
    if (Number.isNaN(value)) return { ok: false, field: name, message: `${label} must be a whole number.` };
    if (value !== limits[name]) changed[name] = value;
  }
  return { ok: true, limits: changed as Partial<Limits> };
}

/** Why something typed was not taken. */
export interface Refusal {
  /** The field that it is about; `null`: none, or more than one can be told. */
  readonly field: keyof Limits | null;
  readonly message: string;
}

/** A refusal of the station, in the words of the form. */
export const refusalOf = (message: string): Refusal => ({
  field: fieldNamed(message),
  message: inWords(message),
});

/** The field that a refusal of the station names, to put the words beside it; the first one named. */
export function fieldNamed(message: string): keyof Limits | null {
  const found = /\b(spo2_low|spo2_desat|spo2_high|pulse_low|pulse_high|delay_s|area_delay)\b/.exec(message);
  return found === null ? null : (found[1] as keyof Limits);
}
