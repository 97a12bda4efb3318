import { describe, expect, it } from "vitest";
import { alarm } from "../protocol/samples";
import { announcement, type Placed } from "./announcement";

const placed = (given: Parameters<typeof alarm>[0] = {}): Placed => ({
  place: "Bed 1",
  bed: "1",
  alarm: alarm(given),
  called: 0,
});

describe("a screen reader", () => {
  it("is interrupted by a high alarm and told the rest in turn", () => {
    const said = announcement([], [placed({ id: "a-1", priority: "high" }), placed({ id: "a-2" })]);
    expect(said.assertive).toEqual(["High priority alarm. Bed 1. SpO2 85 < 90."]);
    expect(said.polite).toEqual(["Medium priority alarm. Bed 1. SpO2 85 < 90."]);
  });

  it("is not told each new worst value", () => {
    const said = announcement([placed()], [placed({ worst: 80, message: "SpO2 80 < 90" })]);
    expect(said).toEqual({ assertive: [], polite: [] });
  });

  it("is interrupted, once for a bed, each time that others are called because nobody answered", () => {
    const [first, second] = [placed({ id: "a-1" }), placed({ id: "a-2" })];
    const step = (called: number) => [first, second].map((each) => ({ ...each, called }));
    expect(announcement([first, second], step(1)).assertive).toEqual([
      "Bed 1. SpO2 85 < 90. Nobody has answered.",
    ]);
    expect(announcement(step(1), step(1)).assertive).toEqual([]);
    expect(announcement(step(1), step(2)).assertive).toHaveLength(1);
    const newer = { ...placed({ id: "a-3" }), called: 1 };
    expect(announcement(step(1), [...step(1), newer]).assertive).toEqual([]);
  });

  it("is told that an alarm became high, was acknowledged and ended", () => {
    expect(announcement([placed()], [placed({ priority: "high" })]).assertive).toHaveLength(1);
    const acknowledged = placed({ acknowledged: { by: "Tablet 1", time: 0 } });
    expect(announcement([placed()], [acknowledged]).polite[0]).toContain("Acknowledged by Tablet 1");
    expect(announcement([placed()], []).polite[0]).toContain("Alarm ended");
  });
});
