import { describe, expect, it } from "vitest";
import { bed } from "../protocol/samples";
import { changeOf, draftOf, fieldNamed } from "./limits-draft";

const limits = bed().limits;

describe("the limits form", () => {
  it("sends only what was changed, so that nobody else's change is undone", () => {
    const draft = { ...draftOf(limits), spo2_low: "88", spo2_high: "98" };
    expect(changeOf(draft, limits)).toEqual({ ok: true, limits: { spo2_low: 88, spo2_high: 98 } });
    expect(changeOf(draftOf(limits), limits)).toEqual({ ok: true, limits: {} });
  });

  it("sends null for a limit that was switched off", () => {
    const on = { ...limits, area_delay: 50 };
    expect(changeOf({ ...draftOf(on), area_delay: null }, on)).toEqual({
      ok: true,
      limits: { area_delay: null },
    });
  });

  it("says which field is no number instead of guessing one", () => {
    for (const typed of ["", "9O", "88.5", "-3"]) {
      expect(changeOf({ ...draftOf(limits), pulse_low: typed }, limits)).toMatchObject({
        ok: false,
        field: "pulse_low",
      });
    }
  });

  it("puts a refusal of the station beside the field it names", () => {
    expect(fieldNamed("spo2_desat (90) must be below spo2_low (90).")).toBe("spo2_desat");
    expect(fieldNamed("No.")).toBeNull();
  });
});
