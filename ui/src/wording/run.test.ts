import { describe, expect, it } from "vitest";
import { downInWords } from "./run";

const at = (hours: number, minutes: number, seconds: number, day = 20) =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();
const NOW = at(13, 0, 0);

describe("that the station was down", () => {
  const run = { since: at(12, 3, 15), down_s: 14.2, clean: true, last_alive: at(12, 3, 1) };

  it("is told with how long and from when to when", () => {
    expect(downInWords(run, NOW)).toBe(
      "The station was down 00:14 (12:03:01–12:03:15). Nothing was measured meanwhile.",
    );
  });

  it("names the day where it was not all of today, and that nobody had stopped it", () => {
    const night = { since: at(1, 0, 0), down_s: 7_325, clean: false, last_alive: null };
    expect(downInWords(night, NOW)).toBe(
      "The station was down 2:02:05 (2026-11-19 22:57:55 – 2026-11-20 01:00:00). " +
        "Nothing was measured meanwhile. It had not been stopped on purpose.",
    );
  });

  it("is not made up where it is not known", () => {
    expect(downInWords(null, NOW)).toBeNull();
    expect(downInWords({ ...run, down_s: null }, NOW)).toBeNull();
  });
});
