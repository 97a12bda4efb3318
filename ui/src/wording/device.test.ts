import { expect, it } from "vitest";
import { detailRows } from "./device";

it("a sensor's details are told in words, and what it did not tell is left out", () => {
  const result = {
    state: "live",
    protocol: "contec-v7",
    model: "CMS50D+",
    firmware: "4.6",
    device_id: null,
    users: ["Maria", "user"],
    counters: { opened: 1, bytes: 5_400, packets: 600, rejected: 0, skipped: 0 },
    sampling_mode: "fast",
  };
  expect(detailRows(result)).toEqual([
    ["Firmware", "4.6"],
    ["Users", "Maria, user"],
    ["Sampling mode", "fast"],
    ["Times its port was opened", "1"],
    ["Bytes received", "5400"],
    ["Packets understood", "600"],
    ["Packets rejected", "0"],
    ["Bytes skipped", "0"],
  ]);
  expect(detailRows(null)).toEqual([]);
});
