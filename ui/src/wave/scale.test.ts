import { describe, expect, it } from "vitest";
import { Scale } from "./scale";

const beat = (time: number) => 60 + 40 * Math.sin((time / 1000) * 2 * Math.PI);

function settled(): Scale {
  const scale = new Scale();
  for (let time = 0; time < 10_000; time += 20) scale.follow(beat(time), time);
  return scale;
}

describe("the scale", () => {
  it("gives each beat the full height and cuts none off", () => {
    const scale = settled();
    expect(scale.place(20)).toBeCloseTo(0, 1);
    expect(scale.place(100)).toBeCloseTo(1, 1);
    expect(scale.place(90)).toBeLessThan(0.95);
  });

  it("forgets a jerk of the hand within seconds", () => {
    const scale = settled();
    scale.follow(2_000, 10_000);
    expect(scale.place(100)).toBeLessThan(0.2);
    for (let time = 10_020; time < 18_000; time += 20) scale.follow(beat(time), time);
    expect(scale.place(100)).toBeGreaterThan(0.9);
  });

  it("does not blow noise up to the height of a beat", () => {
    const scale = new Scale();
    for (let time = 0; time < 5_000; time += 20) scale.follow(64 + (time % 40 === 0 ? 1 : 0), time);
    expect(scale.place(65) - scale.place(64)).toBeLessThan(0.1);
  });
});
