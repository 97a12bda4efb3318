/** How many alarms there were, of which bed, and what became of them (docs/ref: HTTP, `alarm-load`). */

import type { WallTime } from "./bed";
import { fields, list, number, text, type Fields } from "./fields";

/** How a set of times spreads, in seconds. */
export interface Spread {
  readonly median: number | null;
  readonly nine_in_ten: number | null;
  readonly longest: number | null;
}

/** The alarms of one bed, or of several together. */
export interface Load {
  readonly alarms: number;
  readonly physiological: number;
  readonly technical: number;
  /** Alarms for each day watched; `null` if nothing was. */
  readonly per_bed_day: number | null;
  /** 0 to 1; `null` without an alarm. */
  readonly acknowledged_share: number | null;
  /** How long those that were acknowledged had waited; `null` if none was. */
  readonly to_acknowledge_s: Spread | null;
  readonly by_condition: ReadonlyMap<string, number>;
  readonly watched_s: number | null;
}

/** The alarms of one bed. */
export interface BedLoad extends Load {
  readonly bed: string;
  readonly name: string;
}

/** The answer. */
export interface AlarmLoad {
  readonly from: WallTime | null;
  readonly to: WallTime | null;
  readonly ward: Load;
  /** The beds with the most alarms first. */
  readonly beds: readonly BedLoad[];
  /** Alarms that started in each hour of the day, 24 of them. */
  readonly hours: readonly number[];
  /** The share of all alarms, 0 to 1, that the tenth of the beds with the most had; `null` if the station does not tell. */
  readonly top_tenth_share: number | null;
}

function decodeSpread(value: unknown): Spread | null {
  if (value === null || value === undefined) return null;
  const raw = fields(value);
  return {
    median: number(raw["median"]),
    nine_in_ten: number(raw["nine_in_ten"]),
    longest: number(raw["longest"]),
  };
}

function decodeLoad(raw: Fields): Load {
  const conditions = Object.entries(fields(raw["by_condition"]));
  return {
    alarms: number(raw["alarms"]) ?? 0,
    physiological: number(raw["physiological"]) ?? 0,
    technical: number(raw["technical"]) ?? 0,
    per_bed_day: number(raw["per_bed_day"]),
    acknowledged_share: number(raw["acknowledged_share"]),
    to_acknowledge_s: decodeSpread(raw["to_acknowledge_s"]),
    by_condition: new Map(conditions.map(([condition, count]) => [condition, number(count) ?? 0] as const)),
    watched_s: number(raw["watched_s"]),
  };
}

/** Reads the answer of `GET /api/v1/alarm-load`. */
export function decodeAlarmLoad(body: unknown): AlarmLoad {
  const raw = fields(body);
  const hours = list(raw["hours"]).map((count) => number(count) ?? 0);
  return {
    from: number(raw["from"]),
    to: number(raw["to"]),
    ward: decodeLoad(fields(raw["ward"])),
    beds: list(raw["beds"])
      .map(fields)
      .map((each) => {
        const bed = text(each["bed"]) ?? "";
        return { ...decodeLoad(each), bed, name: text(each["name"]) ?? bed };
      }),
    hours: Array.from({ length: 24 }, (_none, hour) => hours[hour] ?? 0),
    top_tenth_share: number(raw["top_tenth_share"]),
  };
}
