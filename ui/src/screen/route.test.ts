import { describe, expect, it } from "vitest";
import { bedHash, recordingsHash, routeOf } from "./route";

describe("an address", () => {
  it("names a view", () => {
    expect(routeOf("")).toEqual({ view: "ward" });
    expect(routeOf("#/")).toEqual({ view: "ward" });
    expect(routeOf("#/settings")).toEqual({ view: "settings" });
    expect(routeOf("#/about")).toEqual({ view: "about" });
    expect(routeOf(bedHash("icu-1"))).toEqual({ view: "bed", bed: "icu-1" });
    expect(routeOf(recordingsHash("icu-1"))).toEqual({ view: "recordings", bed: "icu-1" });
  });

  it("that names nothing shows the ward rather than an empty page", () => {
    for (const hash of ["#/bed/", "#/bed/%", "#/nowhere", "#garbage"]) {
      expect(routeOf(hash)).toEqual({ view: "ward" });
    }
  });
});
