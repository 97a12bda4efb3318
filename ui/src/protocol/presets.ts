/** The limits that beds begin with (docs/ref: HTTP, `presets`). */

import { decodeLimits } from "./decode";
import type { Limits, WallTime } from "./bed";
import { fields, list, number, text } from "./fields";

/** What beds without a patient have, and what a discharge puts back. */
export interface WardPreset {
  readonly limits: Limits;
  /** The starting point that it is, unchanged; `null`: none of them. */
  readonly from: string | null;
  readonly by: string | null;
  readonly time: WallTime | null;
}

/** A set of limits to begin with. */
export interface StartingPoint {
  readonly name: string;
  readonly limits: Limits;
  /** Where its numbers are from. */
  readonly source: string | null;
}

/** The answer of `GET /api/v1/presets`. */
export interface Presets {
  readonly ward: WardPreset;
  readonly starting_points: readonly StartingPoint[];
}

/** Reads the answer of `GET /api/v1/presets`. */
export function decodePresets(body: unknown): Presets {
  const raw = fields(body);
  const ward = fields(raw["ward"]);
  return {
    ward: {
      limits: decodeLimits(ward["limits"]),
      from: text(ward["from"]),
      by: text(ward["by"]),
      time: number(ward["time"]),
    },
    starting_points: list(raw["starting_points"])
      .map(fields)
      .map((each) => ({
        name: text(each["name"]) ?? "",
        limits: decodeLimits(each["limits"]),
        source: text(each["source"]),
      })),
  };
}
