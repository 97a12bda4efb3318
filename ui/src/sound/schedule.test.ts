import { describe, expect, it } from "vitest";
import type { Priority } from "../protocol/bed";
import { due, SILENT, want, type Pace, type Step } from "./schedule";

/** A screen that is asked every 100 ms, as told what is wanted from which second on. */
function steps(
  wishes: readonly (readonly [second: number, wanted: Priority | null])[],
  until: number,
): readonly (readonly [number, Step])[] {
  let pace: Pace = SILENT;
  const taken: [number, Step][] = [];
  for (let tenth = 0; tenth <= until * 10; tenth += 1) {
    for (const [second, wanted] of wishes) if (Math.round(second * 10) === tenth) pace = want(pace, wanted);
    for (;;) {
      const next = due(pace, tenth * 100);
      pace = next.pace;
      if (next.step === null) break;
      taken.push([tenth / 10, next.step]);
    }
  }
  return taken;
}

const start = (priority: Priority): Step => ({ start: priority });

describe("the sound of a screen", () => {
  it("repeats at each priority's own pace", () => {
    expect(steps([[0, "high"]], 29).map(([at]) => at)).toEqual([0, 10, 20]);
    expect(steps([[0, "medium"]], 29).map(([at]) => at)).toEqual([0, 22]);
    expect(steps([[0, "low"]], 30).map(([at]) => at)).toEqual([0, 30]);
  });

  it("starts a higher priority at once, even into a burst", () => {
    const both = [
      [0, "medium"],
      [0.6, "high"],
    ] as const;
    expect(steps(both, 5)).toEqual([
      [0, start("medium")],
      [0.6, start("high")],
    ]);
  });

  it("stops at once when it is answered, and stays silent", () => {
    const answered = [
      [0, "high"],
      [1.1, null],
    ] as const;
    expect(steps(answered, 120)).toEqual([
      [0, start("high")],
      [1.1, "stop"],
    ]);
  });

  it("stops a burst for a lower priority and waits that one's own interval", () => {
    const lowered = [
      [0, "high"],
      [1.1, "medium"],
    ] as const;
    expect(steps(lowered, 25)).toEqual([
      [0, start("high")],
      [1.1, "stop"],
      [22, start("medium")],
    ]);
  });

  it("sounds at once when a pause ends or a new alarm comes after silence", () => {
    const again = [
      [0, "high"],
      [4.1, null],
      [8.1, "low"],
    ] as const;
    expect(steps(again, 9)).toEqual([
      [0, start("high")],
      [8.1, start("low")],
    ]);
  });

  it("leaves two and a half seconds between the bursts of an alarm that flaps", () => {
    const flapping = Array.from(
      { length: 60 },
      (_, second) => [second, second % 2 ? null : "medium"] as const,
    );
    const starts = steps(flapping, 60)
      .filter(([, step]) => step !== "stop")
      .map(([at]) => at);
    expect(starts.length).toBeGreaterThan(10);
    for (const [index, at] of starts.entries())
      if (index > 0) expect(at - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(3.4);
  });
});
