import { expect, it } from "vitest";
import { curveOf } from "./curve";

const second = (offset_s: number, spo2: number | null) => ({
  offset_s,
  spo2,
  pulse_rate: 70,
  perfusion_index: null,
});

it("a gap in a recording is a gap in its curve, whether it was sent as empty seconds or left out", () => {
  const samples = [second(0, 97), second(1, null), second(2, 96), second(9, 95)];
  const { x, mean } = curveOf(samples, "spo2", 1_000);
  expect(x).toEqual([1_000, 1_001, 1_002, 1_003, 1_009]);
  expect(mean).toEqual([97, null, 96, null, 95]);
});
