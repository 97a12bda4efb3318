import { describe, expect, it } from "vitest";
import { lateness, observe, stationNow, type StationTime } from "./station-time";

describe("the station's time", () => {
  it("is taken from the least delayed message", () => {
    const prompt = observe(null, 1_000_000, 100);
    const delayed = observe(prompt, 1_001_000, 1_500);
    expect(stationNow(delayed, 1_500)).toBeCloseTo(1_001_400, 0);
  });

  it("shows that numbers came through a link that stores ten seconds", () => {
    const prompt = observe(null, 1_000_000, 0);
    const behind = observe(prompt, 1_050_000, 60_000);
    expect(lateness(behind, 1_050_000, 60_000)).toBeGreaterThan(9_900);
  });

  it("does not make fresh numbers look old on a tablet whose clock runs fast all day", () => {
    const fast = 1 + 50e-6;
    let estimate: StationTime | null = null;
    let age = 0;
    for (let second = 0; second < 86_400; second += 1) {
      const now = second * 1000 * fast;
      estimate = observe(estimate, second * 1000, now);
      age = lateness(estimate, second * 1000, now);
    }
    expect(age).toBeLessThan(5);
  });

  it("follows a station clock that was set forward at once", () => {
    const before = observe(null, 1_000_000, 0);
    expect(stationNow(observe(before, 4_601_000, 1_000), 1_000)).toBe(4_601_000);
  });
});
