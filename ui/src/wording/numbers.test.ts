import { describe, expect, it } from "vitest";
import { age, countdown, initials, MISSING, perfusion, perfusionFill, timeOfDay, whole } from "./numbers";

describe("what is not known", () => {
  it("is written as dashes, never as a number", () => {
    for (const missing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(whole(missing)).toBe(MISSING);
      expect(perfusion(missing)).toBe(MISSING);
    }
    expect(age(null)).toBe(MISSING);
    expect(age(Number.POSITIVE_INFINITY)).toBe(MISSING);
    expect(timeOfDay(null)).toBe("--:--:--");
  });
});

describe("what is known", () => {
  it("is written in the sensors' own precision", () => {
    expect(whole(97)).toBe("97");
    expect(perfusion(3.2)).toBe("3.20");
  });

  it("has an age that does not round a second away", () => {
    expect(age(1.59)).toBe("1.5 s");
    expect(age(9.99)).toBe("9.9 s");
    expect(age(59.9)).toBe("59 s");
    expect(age(125)).toBe("2 min");
    expect(age(3 * 3_600)).toBe("3 h");
  });

  it("counts a pause down to zero and no further", () => {
    expect(countdown(103_000)).toBe("1:43");
    expect(countdown(102_001)).toBe("1:43");
    expect(countdown(999)).toBe("0:01");
    expect(countdown(-5_000)).toBe("0:00");
  });

  it("shows a perfusion index within its bar, more for more", () => {
    expect(perfusionFill(0.001)).toBe(0);
    expect(perfusionFill(0.2)).toBeLessThan(perfusionFill(2));
    expect(perfusionFill(50)).toBe(1);
  });

  it("shortens a name to initials", () => {
    expect(initials("Erika Mustermann")).toBe("E. M.");
    expect(initials("Österreicher, Ümit")).toBe("Ö. Ü.");
  });
});
