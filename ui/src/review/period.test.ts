import { expect, test } from "vitest";
import { between, boundsOf, PERIODS, queryOf, typedTime } from "./period";

const NOON = new Date(2026, 10, 20, 12, 0).getTime();

test("a span back from now is left to the station's clock", () => {
  expect(PERIODS.map(queryOf)).toEqual(["from=-8h", "from=-24h", "from=-7d"]);
  expect(boundsOf(PERIODS[2] ?? PERIODS[0])).toEqual({ from: "-7d" });
});

test("two times are those of this screen's clock", () => {
  const typed = between(typedTime(NOON), "2026-11-20T13:30");
  expect(typed).toEqual({ kind: "between", from: NOON, to: NOON + 5_400_000 });
  if (typeof typed === "string") throw new Error(typed);
  expect(queryOf(typed)).toBe(`from=${NOON}&to=${NOON + 5_400_000}`);
  expect(boundsOf(typed)).toEqual({
    from: new Date(NOON).toISOString(),
    to: new Date(NOON + 5_400_000).toISOString(),
  });
});

test("what is no stretch of time is said to be none", () => {
  expect(between("", "2026-11-20T13:30")).toBe("Say from when.");
  expect(between("2026-11-20T13:30", "soon")).toBe("Say until when.");
  expect(between("2026-11-20T13:30", "2026-11-20T13:30")).toContain("after the beginning");
});
