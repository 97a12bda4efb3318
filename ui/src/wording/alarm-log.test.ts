import { expect, test } from "vitest";
import { decodeAlarmLog } from "../protocol/alarm-log";
import { alarm } from "../protocol/samples";
import { afterwards, answeredBy, endInWords } from "./alarm-log";

const NIGHT = new Date(2026, 10, 20, 23, 59, 30).getTime();
const told = (given: Parameters<typeof alarm>[0]) => {
  const [line] = decodeAlarmLog({ alarms: [{ bed: "1", ...alarm({ since: NIGHT, ...given }) }] });
  if (line === undefined) throw new Error("no line");
  return line;
};

test("how long after is as exact as can be told apart", () => {
  expect([-5, 40, 1_250, 42_000, 75_000].map(afterwards)).toEqual([
    "0 ms",
    "40 ms",
    "1.3 s",
    "42 s",
    "1 min 15 s",
  ]);
});

test("an alarm ends on its day, and on another one with its date", () => {
  expect(endInWords(told({}))).toBe("active");
  expect(endInWords(told({ state: "cleared", time: NIGHT + 10_000 }))).toBe("23:59:40");
  expect(endInWords(told({ state: "cleared", time: NIGHT + 40_000 }))).toBe("2026-11-21 00:00:10");
});

test("of an alarm that was acknowledged after its end, no later end is claimed", () => {
  const acknowledged = { by: "anna", time: NIGHT + 20_000 };
  const line = told({ state: "cleared", time: NIGHT + 20_000, acknowledged });
  expect(endInWords(line)).toBe("by 23:59:50");
  expect(answeredBy(line)).toBe("anna after 20 s");
  expect(answeredBy(told({}))).toBeNull();
});
