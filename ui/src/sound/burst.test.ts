import { describe, expect, it } from "vitest";
import { envelope, lengthOf, PARTIALS, pulses, REPEAT_MS } from "./burst";

const PRIORITIES = ["high", "medium", "low"] as const;

/** The silences between the pulses of a burst, ms. */
const gaps = (priority: (typeof PRIORITIES)[number]): readonly number[] => {
  const all = pulses(priority);
  return all.slice(1).map((pulse, index) => {
    const before = all[index];
    return before === undefined ? 0 : Math.round((pulse.at - before.at - before.length) * 1000);
  });
};

describe("a burst", () => {
  it("has ten pulses for high, three for medium, two for low", () => {
    expect(PRIORITIES.map((priority) => pulses(priority).length)).toEqual([10, 3, 2]);
  });

  it("of high priority is five pulses, a pause, and the same five, as the table has its gaps", () => {
    expect(gaps("high")).toEqual([100, 100, 350, 100, 600, 100, 100, 350, 100]);
    expect(lengthOf("high")).toBe(3_400);
    const [first, second] = [pulses("high").slice(0, 5), pulses("high").slice(5)];
    expect(second.map(({ pitch }) => pitch)).toEqual(first.map(({ pitch }) => pitch));
  });

  it("of medium and low priority has gaps of its pulse's length", () => {
    expect(gaps("medium")).toEqual([200, 200]);
    expect(gaps("low")).toEqual([200]);
    expect([lengthOf("medium"), lengthOf("low")]).toEqual([1_000, 600]);
  });

  it("plays the oxygen melody: down from C5", () => {
    expect(pulses("medium").map(({ pitch }) => pitch)).toEqual([523.25, 493.88, 440]);
    expect(
      pulses("high")
        .slice(0, 5)
        .map(({ pitch }) => pitch),
    ).toEqual([523.25, 493.88, 440, 392, 349.23]);
  });

  it.each(PRIORITIES)("of %s priority has pulses, pitches and harmonics within the table", (priority) => {
    const [least, most] = priority === "high" ? [0.075, 0.2] : [0.125, 0.25];
    for (const { length, pitch } of pulses(priority)) {
      expect(length).toBeGreaterThanOrEqual(least);
      expect(length).toBeLessThanOrEqual(most);
      expect(pitch).toBeGreaterThanOrEqual(150);
      expect(pitch).toBeLessThanOrEqual(1_000);
      const harmonics = PARTIALS.map((level, index) => ({ level, hz: pitch * (index + 1) })).slice(1);
      const counted = harmonics.filter(({ hz }) => hz >= 300 && hz <= 4_000);
      expect(counted.length).toBeGreaterThanOrEqual(4);
      for (const { level } of counted) expect(Math.abs(20 * Math.log10(level))).toBeLessThanOrEqual(15);
    }
  });

  it.each(PRIORITIES)("of %s priority repeats within the table", (priority) => {
    const silence = (REPEAT_MS[priority] - lengthOf(priority)) / 1000;
    const [least, most] = { high: [2.5, 15], medium: [2.5, 30], low: [15, Infinity] }[priority] as [
      number,
      number,
    ];
    expect(silence).toBeGreaterThanOrEqual(least);
    expect(silence).toBeLessThanOrEqual(most);
  });

  it("rises within 10 to 20 % of its pulse and falls as it rose", () => {
    const shares = Array.from({ length: 1001 }, (_, index) => index / 1000);
    const at = (level: number) => shares.find((share) => envelope(share) >= level) ?? 1;
    const rise = at(0.9) - at(0.1);
    expect(rise).toBeGreaterThanOrEqual(0.1);
    expect(rise).toBeLessThanOrEqual(0.2);
    expect(envelope(0)).toBe(0);
    expect(envelope(1)).toBe(0);
    expect(envelope(0.5)).toBe(1);
    expect(envelope(0.95)).toBeCloseTo(envelope(0.05), 10);
  });
});
