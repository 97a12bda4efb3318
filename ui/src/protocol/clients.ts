/** The screens and programs that are connected, and the armed ones that are missed (docs/ref: HTTP, `clients`). */

import type { WallTime } from "./bed";
import { fields, list, number, text } from "./fields";

/** One of them. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly address: string | null;
  /** Since when it is connected; of a lost one, since when it was armed. */
  readonly since: WallTime | null;
  /** Since when it is missed; `null`: it is here. */
  readonly gone_since: WallTime | null;
  /** It sounds alarms. */
  readonly armed: boolean;
  /** There and back, ms; `null`: not measured. */
  readonly latency_ms: number | null;
  /** It was armed, and is gone without a word. */
  readonly lost: boolean;
  /** How many alarms it told to have shown or sounded. */
  readonly receipts: number | null;
  readonly last_receipt: WallTime | null;
}

/** Reads the answer of `GET /api/v1/clients`: the lost ones first, then by name. */
export function decodeClients(body: unknown): readonly Client[] {
  return list(fields(body)["clients"])
    .map(fields)
    .map((raw) => {
      const id = raw["id"];
      return {
        id: typeof id === "number" ? String(id) : (text(id) ?? ""),
        name: text(raw["name"]) ?? "",
        role: text(raw["role"]),
        address: text(raw["address"]),
        since: number(raw["since"]),
        gone_since: number(raw["gone_since"]),
        armed: raw["armed"] === true,
        latency_ms: number(raw["latency_ms"]),
        lost: raw["lost"] === true,
        receipts: number(raw["receipts"]),
        last_receipt: number(raw["last_receipt"]) ?? number(fields(raw["last_receipt"])["time"]),
      };
    })
    .sort(
      (a, b) =>
        Number(b.lost) - Number(a.lost) || a.name.localeCompare(b.name) || (a.since ?? 0) - (b.since ?? 0),
    );
}
