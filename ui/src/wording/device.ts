/** What a sensor says of itself, as lines of a table. */

import { fields, list } from "../protocol/fields";
import { timeOfDay } from "./numbers";

const NAMES: Readonly<Record<string, string>> = {
  vendor: "Maker",
  model: "Model",
  firmware: "Firmware",
  device_id: "Device id",
  serial_number: "Serial number",
  serial: "Serial number",
  users: "Users",
  user_name: "User",
  clock: "Sensor's clock",
  device_clock: "Sensor's clock",
  opened: "Times its port was opened",
  bytes: "Bytes received",
  packets: "Packets understood",
  rejected: "Packets rejected",
  skipped: "Bytes skipped",
};

/** Shown beside these lines already, from what the station tells of the bed all the time. */
const ELSEWHERE: readonly string[] = [
  "bed",
  "state",
  "port",
  "protocol",
  "model",
  "since",
  "message",
  "adapter",
];

const spoken = (name: string): string => {
  const known = NAMES[name];
  if (known !== undefined) return known;
  const words = name.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function written(name: string, value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value.replace("T", " ");
  if (typeof value === "number") return name.endsWith("clock") ? timeOfDay(value) : String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  const members = list(value).filter((each) => typeof each === "string" || typeof each === "number");
  return members.length === 0 ? null : members.join(", ");
}

/** The answer of `request device` line by line; what a newer station adds is shown under its own name. */
export function detailRows(result: unknown): readonly (readonly [string, string])[] {
  const { counters, ...device } = fields(result);
  return [...Object.entries(device), ...Object.entries(fields(counters))]
    .filter(([name]) => !ELSEWHERE.includes(name))
    .flatMap(([name, value]) => {
      const text = written(name, value);
      return text === null ? [] : [[spoken(name), text] as const];
    });
}
