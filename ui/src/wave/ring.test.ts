import { describe, expect, it } from "vitest";
import { WaveRing, type Point } from "./ring";

const RATE = 50;
const PERIOD = 20;

function points(ring: WaveRing, from = 0): Point[] {
  const found: Point[] = [];
  ring.each(from, (point) => {
    found.push({ ...point });
  });
  return found;
}

describe("the samples of a wave", () => {
  it("are laid end to end although the times in the messages shake", () => {
    const ring = new WaveRing();
    ring.feed({ time: 1_000, rate: RATE, samples: [1, 2, 3] });
    ring.feed({ time: 1_068, rate: RATE, samples: [4, 5] });
    const found = points(ring);
    expect(found.map((point) => point.value)).toEqual([1, 2, 3, 4, 5]);
    expect(found.map((point) => point.joined)).toEqual([false, true, true, true, true]);
    const steps = found.slice(1).map((point, index) => point.time - (found[index]?.time ?? 0));
    for (const step of steps) expect(Math.abs(step - PERIOD)).toBeLessThan(1);
  });

  it("are not joined across a gap", () => {
    const ring = new WaveRing();
    ring.feed({ time: 1_000, rate: RATE, samples: [1, 2] });
    ring.feed({ time: 3_000, rate: RATE, samples: [3, 4] });
    expect(points(ring).map((point) => [point.time, point.joined])).toEqual([
      [1_000, false],
      [1_020, true],
      [3_000, false],
      [3_020, true],
    ]);
  });

  it("are not joined where the clock went back or the sensor changed its rate", () => {
    const ring = new WaveRing();
    ring.feed({ time: 5_000, rate: RATE, samples: [1] });
    ring.feed({ time: 2_000, rate: RATE, samples: [2] });
    ring.feed({ time: 2_020, rate: 100, samples: [3] });
    expect(points(ring).map((point) => point.joined)).toEqual([false, false, false]);
  });

  it("are forgotten when there are too many, the oldest first", () => {
    const ring = new WaveRing();
    for (let run = 0; run < 50; run += 1) {
      ring.feed({ time: run * 2_000, rate: RATE, samples: Array<number>(100).fill(run) });
    }
    expect(ring.end).toBe(5_000);
    expect(points(ring)).toHaveLength(ring.end - ring.start);
    expect(points(ring)[0]?.value).toBeGreaterThan(0);
  });

  it("are forgotten when the patient left, and the next are not joined to them", () => {
    const ring = new WaveRing();
    ring.feed({ time: 1_000, rate: RATE, samples: [1, 2] });
    const before = ring.generation;
    ring.clear();
    expect(points(ring)).toEqual([]);
    expect(ring.generation).not.toBe(before);
    ring.feed({ time: 1_040, rate: RATE, samples: [3] });
    expect(points(ring).map((point) => [point.value, point.joined])).toEqual([[3, false]]);
  });

  it("without a rate are not placed anywhere", () => {
    const ring = new WaveRing();
    ring.feed({ time: 1_000, rate: 0, samples: [1, 2] });
    expect(ring.end).toBe(0);
  });
});
