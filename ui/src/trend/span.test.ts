import { expect, test } from "vitest";
import { around, requestFrom, type Span } from "./span";

const TEN_MINUTES: Span = { label: "10 min", seconds: 600, resolution_s: 2, from: "-10m" };
const NOW = 1_793_180_000_000;

test("a trend begins at its span where nobody has left the bed", () => {
  expect(requestFrom(TEN_MINUTES, null, NOW)).toBe("-10m");
  expect(requestFrom(TEN_MINUTES, NOW - 3_600_000, NOW)).toBe("-10m");
});

test("a trend shows nothing of the patient before", () => {
  expect(requestFrom(TEN_MINUTES, NOW - 60_000, NOW)).toBe(String(NOW - 60_000));
});

test("a trend around a moment has it in the middle and begins with a whole point", () => {
  const { from, to } = around(TEN_MINUTES, NOW + 1_500);
  expect(from % 2_000).toBe(0);
  expect(to - from).toBe(600_000);
  expect(Math.abs((from + to) / 2 - NOW)).toBeLessThan(2_000);
});
