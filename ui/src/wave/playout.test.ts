import { describe, expect, it } from "vitest";
import { BEHIND_MS, Playout } from "./playout";

describe("the hand that draws", () => {
  it("stays behind what has arrived", () => {
    const hand = new Playout();
    hand.arrived(1_000_000, 500);
    expect(hand.head(500)).toBe(1_000_000 - BEHIND_MS);
  });

  it("moves steadily although runs come in clumps", () => {
    const hand = new Playout();
    hand.arrived(1_000_000, 0);
    const heads: number[] = [];
    for (let now = 0; now < 2_000; now += 33) {
      if (now % 231 === 0) hand.arrived(1_000_000 + now, now);
      heads.push(hand.head(now));
    }
    const steps = heads.slice(1).map((head, index) => head - (heads[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(30);
    expect(Math.max(...steps)).toBeLessThan(36);
  });

  it("jumps with a clock that was moved", () => {
    const hand = new Playout();
    hand.arrived(1_000_000, 0);
    hand.arrived(4_600_000, 1_000);
    expect(hand.head(1_000)).toBe(4_600_000 - BEHIND_MS);
  });

  it("draws nothing before the first run", () => {
    expect(new Playout().head(100)).toBeNaN();
  });
});
