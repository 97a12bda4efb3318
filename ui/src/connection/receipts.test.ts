import { describe, expect, it } from "vitest";
import { alarm } from "../protocol/samples";
import { receiptsDue, type Receipts } from "./receipts";

const NONE: Receipts = new Map();
const one = new Set(["a-17"]);
const none = new Set<string>();

describe("a receipt", () => {
  it("is sent once when the alarm is in sight and once more when it sounds", () => {
    const seen = receiptsDue(NONE, [alarm()], one, none);
    expect(seen.due).toEqual([{ type: "receipt", alarm: "a-17", shown: true, sounded: false }]);
    const again = receiptsDue(seen.after, [alarm()], one, none);
    expect(again.due).toEqual([]);
    const heard = receiptsDue(again.after, [alarm()], one, one);
    expect(heard.due).toEqual([{ type: "receipt", alarm: "a-17", shown: true, sounded: true }]);
    expect(receiptsDue(heard.after, [alarm()], none, one).due).toEqual([]);
  });

  it("is not sent for an alarm that nobody could see or hear", () => {
    expect(receiptsDue(NONE, [alarm()], none, none).due).toEqual([]);
  });

  it("is sent anew when the alarm worsened, for what is on the screen then", () => {
    const seen = receiptsDue(NONE, [alarm()], one, one);
    const worse = receiptsDue(seen.after, [alarm({ worst: 80 })], one, none);
    expect(worse.due).toEqual([{ type: "receipt", alarm: "a-17", shown: true, sounded: false }]);
    expect(receiptsDue(seen.after, [alarm({ priority: "high" })], none, one).due).toEqual([
      { type: "receipt", alarm: "a-17", shown: false, sounded: true },
    ]);
  });

  it("of an alarm that is gone is forgotten, so that nothing grows", () => {
    const seen = receiptsDue(NONE, [alarm()], one, none);
    expect(receiptsDue(seen.after, [], none, none).after.size).toBe(0);
  });
});
