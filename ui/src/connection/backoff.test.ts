import { describe, expect, it } from "vitest";
import { backoff } from "./backoff";

describe("the wait before the next attempt", () => {
  it("is never shorter than half a second nor longer than ten", () => {
    for (let failures = 0; failures < 60; failures += 1) {
      for (const chance of [0, 0.3, 0.999]) {
        expect(backoff(failures, chance)).toBeGreaterThanOrEqual(500);
        expect(backoff(failures, chance)).toBeLessThanOrEqual(10_000);
      }
    }
  });

  it("grows with each failure until it stays at its longest", () => {
    const waits = [0, 1, 2, 3, 4, 5].map((failures) => backoff(failures, 0.999));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(new Set(waits.slice(0, 5)).size).toBe(5);
    expect(backoff(20, 0.999)).toBe(backoff(30, 0.999));
  });

  it("differs between two screens that lost the station in the same moment", () => {
    expect(backoff(4, 0.1)).not.toBe(backoff(4, 0.9));
  });
});
