import { describe, expect, it } from "vitest";
import { decodeFetchedList, type FetchedRecording } from "../protocol/recordings";
import { doubtOf, fetchedStart, length, offset, startOf } from "./recordings";

const fetched = (given: Partial<FetchedRecording>): FetchedRecording => {
  const [found] = decodeFetchedList({ recordings: [{ id: 7, ...given }] });
  if (found === undefined) throw new Error("no recording");
  return found;
};

describe("a recording in a sensor", () => {
  it("has a length in words, and dashes where the sensor does not tell it", () => {
    expect(length(42)).toBe("42 s");
    expect(length(617)).toBe("10 min 17 s");
    expect(length(8 * 3_600 + 125)).toBe("8 h 02 min");
    expect(length(null)).toBe("---");
  });

  it("began when the sensor's clock says so, in no time zone", () => {
    expect(startOf("2014-08-18T02:38:18")).toBe("2014-08-18 02:38");
    expect(startOf("22:41")).toBe("22:41, day not known");
    expect(startOf(null)).toBe("start not known");
    expect(startOf("0000")).toBe("start not known");
  });

  it("is walked through in hours, minutes and seconds", () => {
    expect(offset(617)).toBe("0:10:17");
    expect(offset(90_061)).toBe("25:01:01");
  });

  it("keeps the start that the sensor gave it, also without a day", () => {
    const begun = new Date(2026, 10, 20, 22, 41).getTime();
    expect(fetchedStart(fetched({ sensor_start: "2026-11-20T22:41:09", start: begun }))).toBe(
      "2026-11-20 22:41",
    );
    expect(fetchedStart(fetched({ sensor_start: "22:41" }))).toBe("22:41, day not known");
    expect(fetchedStart(fetched({ start: begun }))).toBe("2026-11-20 22:41");
    expect(fetchedStart(fetched({}))).toBe("start not known");
  });

  it("says what is missing of it and what of it may be wrong", () => {
    expect(doubtOf(fetched({ missing_s: 0, lost_s: 0, confirmed: true }))).toBeNull();
    expect(doubtOf(fetched({ missing_s: 143, lost_s: 3, confirmed: false }))).toBe(
      "2 min 23 s without a value; 3 s of it lost on the way: fetch it again; " +
        "came once only, so a value may have been changed on the line",
    );
    expect(doubtOf(fetched({}))).toBeNull();
  });
});
