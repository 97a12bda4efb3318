import { describe, expect, it } from "vitest";
import { decodeAlarmLog, decodeAlarmStory } from "../protocol/alarm-log";
import { alarm } from "../protocol/samples";
import { endOf, stepsOf } from "./story";

const T0 = alarm().since;
const line = (given: Parameters<typeof alarm>[0] = {}) => ({ bed: "1", ...alarm(given) });
const by = (name: string, after: number) => ({ by: name, time: T0 + after });

const story = decodeAlarmStory({
  alarm: line({ state: "cleared", time: T0 + 90_000, acknowledged: by("anna", 42_000) }),
  history: [
    line(),
    line({ time: T0 + 5_000, worst: 79 }),
    line({ time: T0 + 6_000, worst: 79, priority: "high" }),
    line({ time: T0 + 20_000, worst: 79, priority: "high", acknowledged: by("ben", 20_000) }),
    line({ time: T0 + 30_000, worst: 79, priority: "high" }),
    line({ time: T0 + 42_000, worst: 79, priority: "high", acknowledged: by("anna", 42_000) }),
    line({
      time: T0 + 60_000,
      worst: 79,
      priority: "high",
      acknowledged: by("anna", 42_000),
      state: "cleared",
    }),
    line({
      time: T0 + 90_000,
      worst: 79,
      priority: "high",
      acknowledged: by("anna", 42_000),
      state: "cleared",
    }),
  ],
  receipts: [
    { client: "Tablet 2", address: "10.0.0.7", shown: T0 + 40, sounded: T0 + 300 },
    { client: "Tablet 3", address: "10.0.0.8", shown: T0 + 55, sounded: null },
  ],
  escalations: [{ time: T0 + 10_000, step: 1, priority: "high" }],
});

describe("the story of an alarm", () => {
  it("is told in the order in which it happened, whoever tells it", () => {
    expect(stepsOf(story).map(({ what, time }) => [what, time - T0])).toEqual([
      ["raised", 0],
      ["shown", 40],
      ["shown", 55],
      ["sounded", 300],
      ["worse", 5_000],
      ["risen", 6_000],
      ["escalated", 10_000],
      ["acknowledged", 20_000],
      ["withdrawn", 30_000],
      ["acknowledged", 42_000],
      ["ended", 60_000],
    ]);
  });

  it("names whose acknowledgement was taken back", () => {
    expect(stepsOf(story).find(({ what }) => what === "withdrawn")).toMatchObject({ by: "ben" });
  });

  it("ends when it was cleared, not when it was last told of", () => {
    expect(endOf(story)).toBe(T0 + 60_000);
    expect(endOf(decodeAlarmStory({ alarm: line(), history: [line()] }))).toBeNull();
  });

  it("has at least its beginning where the station keeps no more of it", () => {
    expect(stepsOf(decodeAlarmStory({ alarm: line() })).map(({ what }) => what)).toEqual(["raised"]);
  });
});

describe("the log", () => {
  it("has the newest alarm first and says where each was", () => {
    const log = decodeAlarmLog({
      alarms: [line({ id: "a-1", since: T0 }), { ...line({ id: "a-2", since: T0 + 1 }), bed: null }],
    });
    expect(log.map(({ id, bed }) => [id, bed])).toEqual([
      ["a-2", null],
      ["a-1", "1"],
    ]);
  });
});
