import { describe, expect, it } from "vitest";
import { alone, append, columns, decodeReadings, valueAt, type Point } from "./series";

const extent = (value: number) => ({ min: value, max: value, mean: value, count: 1 });
const point = (time: number, spo2: number | null): Point => ({
  time,
  spo2: spo2 === null ? null : extent(spo2),
  pulse_rate: null,
});
const live = (time: number, spo2: number | null, pulse_rate: number | null = null) => ({
  time,
  spo2,
  pulse_rate,
  perfusion_index: null,
  signal_strength: null,
  status: [],
});

describe("a trend", () => {
  it("breaks its line where a span is missing", () => {
    const drawn = columns([point(0, 97), point(2_000, 96), point(20_000, 95)], "spo2", 2);
    expect(drawn.x).toEqual([0, 2, 4, 20]);
    expect(drawn.mean).toEqual([97, 96, null, 95]);
  });

  it("breaks its line where there was a span but no number", () => {
    expect(columns([point(0, 97), point(2_000, null), point(4_000, 95)], "spo2", 2).mean).toEqual([
      97,
      null,
      95,
    ]);
  });

  it("gathers live readings into the span that is open", () => {
    let points: readonly Point[] = [point(1_000, 97)];
    points = append(points, live(1_500, 93), 2, 600);
    expect(points).toHaveLength(1);
    expect(points[0]?.spo2).toEqual({ min: 93, max: 97, mean: 95, count: 2 });
    points = append(points, live(3_200, 90), 2, 600);
    expect(points.map((each) => each.time)).toEqual([1_000, 3_000]);
  });

  it("adds nothing for a reading without numbers", () => {
    const points = [point(0, 97)];
    expect(append(points, live(10_000, null), 2, 600)).toBe(points);
  });

  it("forgets what is older than its span", () => {
    const points = append([point(0, 97), point(600_000, 96)], live(602_000, 95), 2, 600);
    expect(points.map((each) => each.time)).toEqual([600_000, 602_000]);
  });

  it("reads least, greatest and mean as the station sends them, and nothing else as a number", () => {
    expect(
      decodeReadings({
        readings: [
          { time: 0, spo2: { min: 90, max: 97, mean: 94.5, count: 20 }, pulse_rate: null },
          { time: 60_000, spo2: { min: null, max: null, mean: null, count: 0 } },
        ],
      }),
    ).toEqual([
      { time: 0, spo2: { min: 90, max: 97, mean: 94.5, count: 20 }, pulse_rate: null },
      { time: 60_000, spo2: null, pulse_rate: null },
    ]);
    expect(decodeReadings({ error: {} })).toEqual([]);
  });
});

describe("the value under the pointer", () => {
  const drawn = columns(
    [
      { time: 0, spo2: { min: 93, max: 98, mean: 96.6, count: 9 }, pulse_rate: null },
      { time: 2_000, spo2: null, pulse_rate: null },
    ],
    "spo2",
    2,
  );

  it("is the mean with its spread, and nothing where there was none", () => {
    expect(valueAt(drawn, 0)).toBe("97 (93–98)");
    expect(valueAt(drawn, 1)).toBeNull();
    expect(valueAt(drawn, 7)).toBeNull();
  });
});

it("a value that stands alone between gaps is found, so that it can be seen", () => {
  expect(alone([97, null, 96, null, 95, 94, null])).toEqual([0, 2]);
  expect(alone([null, 97])).toEqual([1]);
  expect(alone([])).toEqual([]);
});
