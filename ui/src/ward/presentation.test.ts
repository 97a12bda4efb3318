import { describe, expect, it } from "vitest";
import { alarm } from "../protocol/samples";
import { fill, lineOf, measureOf, present, signalled, TURN_MS } from "./presentation";

const by = { by: "Tablet 1", time: 0 };
const high = alarm({ id: "a-1", priority: "high", condition: "spo2_desat" });
const medium = alarm({ id: "a-2", priority: "medium" });
const low = alarm({ id: "a-3", priority: "low", condition: "low_battery" });

describe("several alarms on one line", () => {
  it("take turns of two seconds, each with its place and their count", () => {
    const turns = [0, 1, 2, 3].map((turn) => present([high, medium, low], turn * TURN_MS + 5));
    expect(turns.map((shown) => shown?.alarm.id)).toEqual(["a-1", "a-2", "a-3", "a-1"]);
    expect(turns.map((shown) => [shown?.turn, shown?.count])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [1, 3],
    ]);
  });

  it("is empty without any", () => {
    expect(present([], 0)).toBeNull();
    expect(fill([])).toBeNull();
  });
});

describe("the fill", () => {
  it("is the most urgent alarm's, and flashes until it is acknowledged", () => {
    expect(fill([high, medium])).toEqual({ priority: "high", flash: "high" });
    expect(fill([{ ...high, acknowledged: by }])).toEqual({ priority: "high", flash: null });
    expect(fill([medium])).toEqual({ priority: "medium", flash: "medium" });
  });

  it("goes on flashing for another alarm that nobody acknowledged", () => {
    expect(fill([{ ...high, acknowledged: by }, medium])).toEqual({ priority: "high", flash: "medium" });
  });

  it("of a low alarm is steady", () => {
    expect(fill([low])).toEqual({ priority: "low", flash: null });
  });
});

describe("the number that an alarm is about", () => {
  it("is its own, and none for an alarm of the equipment", () => {
    expect(measureOf(high)).toBe("spo2");
    expect(measureOf(alarm({ condition: "pulse_high" }))).toBe("pulse");
    expect(measureOf(alarm({ condition: "sensor_disconnected" }))).toBeNull();
  });
});

describe("an alarm that nobody answered", () => {
  it("flashes as it is announced, in the colour of what it is", () => {
    expect(fill([medium], "high")).toEqual({ priority: "medium", flash: "high" });
    expect(fill([{ ...medium, acknowledged: by }], "high")).toEqual({ priority: "medium", flash: null });
  });

  it("and is over is shown after those that hold, without a flash", () => {
    const ended = { ...high, id: "a-9", state: "cleared" } as const;
    const line = lineOf({ alarms: [medium], latched: [ended], off: null });
    expect(line.map((each) => each.id)).toEqual(["a-2", "a-9"]);
    expect(fill([ended])).toEqual({ priority: "high", flash: null });
  });
});

describe("alarms that are turned off", () => {
  it("are not signalled, while with the sound off they are", () => {
    const bed = { alarms: [high], latched: [high] };
    const off = (what: "audio" | "alarms") => ({ ...bed, off: { what, by: "Ada", since: 0 } });
    expect(signalled(off("alarms"))).toEqual([]);
    expect(lineOf(off("alarms"))).toEqual([]);
    expect(signalled(off("audio"))).toEqual([high]);
  });
});
