import { describe, expect, it } from "vitest";
import { Elapsed } from "./elapsed";

function clocks() {
  const at = { steady: 100, wall: 1_000_000 };
  return {
    at,
    elapsed: new Elapsed(
      () => at.steady,
      () => at.wall,
    ),
  };
}

describe("the time of this screen", () => {
  it("follows the steady clock", () => {
    const { at, elapsed } = clocks();
    at.steady += 250;
    at.wall += 251;
    expect(elapsed.read()).toBe(250);
  });

  it("counts the sleep during which the steady clock stood still", () => {
    const { at, elapsed } = clocks();
    at.steady += 10;
    at.wall += 60_010;
    expect(elapsed.read()).toBe(60_010);
  });

  it("does not go back when the wall clock is set back", () => {
    const { at, elapsed } = clocks();
    at.steady += 1_000;
    at.wall -= 3_600_000;
    expect(elapsed.read()).toBe(1_000);
    at.steady += 1_000;
    at.wall += 1_000;
    expect(elapsed.read()).toBe(2_000);
  });
});
