/** How the ward's preset and its starting points are told. */

import { limitName } from "./limits";
import type { Limits } from "../protocol/bed";
import type { WardPreset } from "../protocol/presets";
import { dateAndTime } from "./numbers";

const NAMES: Readonly<Record<string, string>> = { adult: "Adult", child: "Child", neonate: "Newborn" };

/** The name of a starting point. */
export const startingPointName = (name: string): string => NAMES[name] ?? name;

/** Whose the preset is and since when. */
export function origin({ from, by, time }: WardPreset): string {
  const what = from === null ? "Limits of this ward's own" : `Starting point: ${startingPointName(from)}`;
  return by === null
    ? `${what}. Nobody has changed it here.`
    : `${what}. Set by ${by}, ${dateAndTime(time)}.`;
}

/** A limit of a preset with its name: `SpO₂ low 90`. */
export function limitInWords(name: keyof Limits, limits: Limits): string {
  const value = limits[name];
  const written = value === null ? "off" : Number.isFinite(value) ? String(value) : "---";
  const named = limitName(name);
  return `${named.charAt(0).toUpperCase()}${named.slice(1)} ${written}`;
}

/** Names of beds: `Bed 1, Bed 2`; `none`. */
export const named = (beds: readonly { readonly name: string }[]): string =>
  beds.length === 0 ? "none" : beds.map(({ name }) => name).join(", ");
