import { describe, expect, it } from "vitest";
import { decodeWhatIf } from "../protocol/what-if";
import { figuresOf, replayedInWords, rowsOf } from "./what-if";

const course = (alarms: Record<string, number>, unalarmed: number | null) => ({
  alarms,
  per_day: {},
  below_s: 60,
  below_unalarmed_s: unalarmed,
});
const low = { condition: "spo2_low", since: 0, until: 42_000, priority: "medium", worst: 84, limit: 90 };

describe("the answer to what-if", () => {
  it("calls more alarms a price too", () => {
    const answer = decodeWhatIf({ was: course({ spo2_low: 1 }, 30), would: course({ spo2_low: 4 }, 10) });
    expect(figuresOf(answer).map(({ text, price }) => [text, price])).toEqual([
      ["3 more", true],
      ["20 s less", true],
      ["0", true],
      ["0", true],
    ]);
  });

  it("shows no number for what was not answered", () => {
    const answer = decodeWhatIf({});
    expect(figuresOf(answer).map(({ text }) => text)).toEqual(["as many", "---", "0", "0"]);
    expect(rowsOf(answer).map(({ was }) => was)).toEqual(["0", "---", "---"]);
  });

  it("tells no rate of a day from a few minutes", () => {
    const seen = { alarms: { spo2_low: 2 }, per_day: { spo2_low: 960 }, below_s: 9, below_unalarmed_s: 0 };
    const [row] = rowsOf(decodeWhatIf({ watched_s: 180, was: seen, would: seen }));
    expect(row?.was).toBe("2");
    const [longer] = rowsOf(decodeWhatIf({ watched_s: 3_600, was: seen, would: seen }));
    expect(longer?.was).toBe("2 (960 a day)");
  });

  it("counts as missed what was about the patient", () => {
    const lost = [low, { ...low, condition: "no_signal" }];
    const answer = decodeWhatIf({ was: course({}, 0), would: course({}, 0), lost });
    expect(figuresOf(answer)[2]?.text).toBe("1");
  });

  it("names the patient's conditions in the order of the limits, then the sensor's", () => {
    const counts = { no_finger: 1, pulse_high: 1, spo2_low: 1, spo2_desat: 1, spo2_high: 0 };
    const answer = decodeWhatIf({ was: course(counts, 0), would: course({}, 0) });
    expect(rowsOf(answer).map(({ name }) => name)).toEqual([
      "SpO₂ desaturation",
      "SpO₂ low",
      "Pulse high",
      "Probe off",
      "All alarms",
      "Below the limit then in force",
      "of that without an alarm for it",
    ]);
  });
});

describe("an alarm of the answer", () => {
  const [first] = decodeWhatIf({ lost: [low] }).lost;
  const words = (given: object) => replayedInWords({ ...(first as NonNullable<typeof first>), ...given });

  it("has its worst value on the right side of its limit", () => {
    expect(words({})).toBe("SpO₂ low: 84 % < 90 %, for 42 s");
    expect(words({ condition: "pulse_high", worst: 140, limit: 120 })).toBe(
      "Pulse high: 140 /min > 120 /min, for 42 s",
    );
  });

  it("that has no value or no end says so by leaving it out", () => {
    expect(words({ condition: "no_finger", worst: null, limit: null, until: null })).toBe(
      "Probe off, still held at the end",
    );
  });
});
