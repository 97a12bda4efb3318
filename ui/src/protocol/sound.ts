/** The sound of the station's own computer (docs/ref: HTTP, `sound`). */

import type { Priority, WallTime } from "./bed";
import { fields, list, number, text } from "./fields";

/** An output of the computer. */
export interface Output {
  readonly name: string;
  /** What people know it by; `null`: its name is all there is. */
  readonly description: string | null;
}

/** One sound test of the log. */
export interface SoundTest {
  readonly time: WallTime | null;
  readonly by: string | null;
  readonly priority: Priority | null;
  readonly device: string | null;
  /** `played`, or what went wrong, in words. */
  readonly result: string;
}

/** The answer of `GET /api/v1/sound`. */
export interface Sound {
  /** The output that was chosen; `null`: the system's. */
  readonly device: string | null;
  readonly works: boolean;
  /** Why it does not work. */
  readonly message: string | null;
  readonly playing_on: string | null;
  readonly devices: readonly Output[];
}

/** Reads the answer of `GET /api/v1/sound`. */
export function decodeSound(body: unknown): Sound {
  const raw = fields(body);
  return {
    device: text(raw["device"]),
    works: raw["works"] === true,
    message: text(raw["message"]),
    playing_on: text(raw["playing_on"]),
    devices: list(raw["devices"])
      .map(fields)
      .filter((each) => text(each["name"]) !== null)
      .map((each) => ({ name: text(each["name"]) ?? "", description: text(each["description"]) })),
  };
}

const PRIORITIES: readonly Priority[] = ["high", "medium", "low"];

/** Reads the answer of `GET /api/v1/events` for `sound_tested`, the newest first. */
export function decodeSoundTests(body: unknown): readonly SoundTest[] {
  return list(fields(body)["events"])
    .map(fields)
    .map((raw) => {
      const detail = fields(raw["detail"]);
      return {
        time: number(raw["time"]),
        by: text(raw["by"]),
        priority: PRIORITIES.find((each) => each === detail["priority"]) ?? null,
        device: text(detail["device"]),
        result: text(detail["result"]) ?? "",
      };
    })
    .sort((a, b) => (b.time ?? 0) - (a.time ?? 0));
}
