import { expect, test } from "vitest";
import { decodeAlarmLoad } from "../protocol/alarm-load";
import { busiest, concentration, tenthOf } from "./alarm-load";

const beds = (count: number) =>
  Array.from({ length: count }, (_none, place) => ({
    bed: String(place + 1),
    name: `Bed ${place + 1}`,
    alarms: 1,
  }));

test("a tenth of the beds is one at least, and never less than a tenth", () => {
  expect([1, 8, 10, 11, 20].map(tenthOf)).toEqual([1, 1, 1, 2, 2]);
});

test("the beds that cause most are named with their share", () => {
  const load = decodeAlarmLoad({ ward: { alarms: 12 }, beds: beds(12), top_tenth_share: 0.574 });
  expect(concentration(load)).toBe(
    "The 2 beds with the most (Bed 1, Bed 2), a tenth of all, had 57 % of all alarms.",
  );
});

test("without an alarm no bed is blamed and no hour is busy", () => {
  const load = decodeAlarmLoad({ ward: { alarms: 0 }, beds: beds(3), top_tenth_share: null });
  expect(concentration(load)).toBe("No alarm in this span.");
  expect(load.hours).toHaveLength(24);
  expect(busiest(load.hours)).toBeNull();
  expect(busiest([0, 3, 3])).toBe("01:00 to 02:00");
});
