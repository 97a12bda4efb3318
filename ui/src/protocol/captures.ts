/** Files with the raw bytes of a sensor, for a report about an unknown device (docs/ref: HTTP). */

import type { WallTime } from "./bed";
import { fields, list, number, text } from "./fields";

/** One file in the station's folder. */
export interface CaptureFile {
  readonly file: string;
  readonly bed: string | null;
  readonly since: WallTime | null;
  readonly bytes: number | null;
  /** Bytes are still being added. */
  readonly running: boolean;
}

/** Reads the answer of `GET /api/v1/captures`, the newest first. */
export function decodeCaptures(body: unknown): readonly CaptureFile[] {
  return list(fields(body)["captures"])
    .map(fields)
    .filter((raw) => text(raw["file"]) !== null)
    .map((raw) => ({
      file: text(raw["file"]) ?? "",
      bed: text(raw["bed"]),
      since: number(raw["since"]),
      bytes: number(raw["bytes"]),
      running: raw["running"] === true,
    }))
    .sort((a, b) => (b.since ?? 0) - (a.since ?? 0));
}
