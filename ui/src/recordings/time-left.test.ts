import { describe, expect, it } from "vitest";
import type { Download } from "../protocol/bed";
import { firstSeen, timeLeft } from "./time-left";

const download = (given: Partial<Download> = {}): Download => ({
  recording: 1,
  of: 2,
  seconds: 0,
  of_seconds: 3_600,
  by: "anna",
  waiting: false,
  ...given,
});

describe("the time left of a recording", () => {
  it("follows from how fast it came so far", () => {
    const seen = firstSeen(null, download(), 0);
    expect(timeLeft(seen, download({ seconds: 60 }), 1_000)).toBeNull();
    expect(timeLeft(seen, download({ seconds: 600 }), 10_000)).toBe(50);
  });

  it("is not told where the length or the speed is not known", () => {
    const seen = firstSeen(null, download(), 0);
    expect(timeLeft(seen, download({ seconds: 600, of_seconds: null }), 10_000)).toBeNull();
    expect(timeLeft(seen, download(), 10_000)).toBeNull();
    expect(timeLeft(null, download({ seconds: 600 }), 10_000)).toBeNull();
  });

  it("is measured anew for the next recording, and after an unplug", () => {
    const seen = firstSeen(null, download({ seconds: 600 }), 0);
    const next = download({ recording: 2, seconds: 5 });
    expect(firstSeen(seen, next, 9_000)).toEqual({ recording: 2, seconds: 5, at: 9_000 });
    expect(firstSeen(seen, download({ waiting: true }), 9_000)).toBeNull();
    expect(firstSeen(seen, download({ seconds: 0 }), 9_000)?.at).toBe(9_000);
  });
});
