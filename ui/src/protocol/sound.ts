/** The sound of the station's own computer (docs/ref: HTTP, `sound`). */

import type { Priority, WallTime } from "./bed";
import { fields, list, number, text, type Fields } from "./fields";

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
  /** Whether this computer is to sound alarms at all: its settings may say no. */
  readonly enabled: boolean;
  /** The output that was chosen; `null`: nobody chose one. */
  readonly device: string | null;
  readonly works: boolean;
  /** Why it does not work, and what to do. */
  readonly message: string | null;
  /** The output on which an alarm would sound now; `null`: on none. */
  readonly playing_on: string | null;
  readonly devices: readonly Output[];
  /** The newest first. */
  readonly last_tests: readonly SoundTest[];
}

/** Reads the answer of `GET /api/v1/sound`. */
export function decodeSound(body: unknown): Sound {
  const raw = fields(body);
  return {
    enabled: raw["enabled"] !== false,
    device: text(raw["device"]),
    works: raw["works"] === true,
    message: text(raw["message"]),
    playing_on: text(raw["playing_on"]),
    devices: list(raw["devices"])
      .map(fields)
      .filter((each) => text(each["name"]) !== null)
      .map((each) => ({ name: text(each["name"]) ?? "", description: text(each["description"]) })),
    last_tests: list(raw["last_tests"]).map(fields).map(decodeTest),
  };
}

const PRIORITIES: readonly Priority[] = ["high", "medium", "low"];

function decodeTest(raw: Fields): SoundTest {
  const detail = fields(raw["detail"]);
  return {
    time: number(raw["time"]),
    by: text(raw["by"]),
    priority: PRIORITIES.find((each) => each === detail["priority"]) ?? null,
    device: text(detail["device"]),
    result: text(detail["result"]) ?? "",
  };
}
