import { describe, expect, it } from "vitest";
import { alarm, bed, hello, snapshot } from "../protocol/samples";
import { reduce, UNKNOWN_WARD } from "../ward/ward";
import { nextAlarm } from "./keys";

describe("the key for the next alarm", () => {
  const ward = [
    hello(),
    snapshot({
      beds: ["1", "2", "3"].map((id) => bed({ id, alarms: id === "2" ? [] : [alarm({ id: `a-${id}` })] })),
    }),
  ].reduce((state, message) => reduce(state, message, 0), UNKNOWN_WARD);
  const beds = [...ward.beds.values()];

  it("goes round the beds that call", () => {
    expect(nextAlarm(beds, null)).toBe("1");
    expect(nextAlarm(beds, "1")).toBe("3");
    expect(nextAlarm(beds, "3")).toBe("1");
  });

  it("goes nowhere when none calls", () => {
    expect(nextAlarm([], null)).toBeNull();
  });
});
