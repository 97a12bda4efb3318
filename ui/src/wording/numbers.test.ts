import { describe, expect, it } from "vitest";
import {
  age,
  countdown,
  dateAndTime,
  initials,
  MISSING,
  perfusion,
  perfusionFill,
  rate,
  share,
  size,
  timeOfDay,
  whole,
} from "./numbers";

describe("what is not known", () => {
  it("is written as dashes, never as a number", () => {
    for (const missing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(whole(missing)).toBe(MISSING);
      expect(perfusion(missing)).toBe(MISSING);
    }
    expect(age(null)).toBe(MISSING);
    expect(age(Number.POSITIVE_INFINITY)).toBe(MISSING);
    expect(timeOfDay(null)).toBe("--:--:--");
    expect(dateAndTime(null)).toBe(MISSING);
    expect(size(null)).toBe(MISSING);
    expect(rate(null)).toBe(MISSING);
    expect(share(null)).toBe(MISSING);
  });
});

describe("what is known", () => {
  it("is written in the sensors' own precision", () => {
    expect(whole(97)).toBe("97");
    expect(perfusion(3.2)).toBe("3.20");
  });

  it("has as many decimals as can be told apart", () => {
    expect([0, 3.14, 9.94, 9.96, 187.4].map(rate)).toEqual(["0.0", "3.1", "9.9", "10", "187"]);
    expect(share(0.574)).toBe("57 %");
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

  it("has a date that is read one way only", () => {
    expect(dateAndTime(new Date(2026, 10, 2, 3, 4, 5).getTime())).toBe("2026-11-02 03:04");
  });

  it("tells the size of a file in the unit that suits it", () => {
    expect(size(812)).toBe("812 B");
    expect(size(1_234)).toBe("1.2 kB");
    expect(size(34_000_000)).toBe("34.0 MB");
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
