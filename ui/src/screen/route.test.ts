import { describe, expect, it } from "vitest";
import { alarmHash, alarmsHash, bedHash, momentHash, recordingsHash, routeOf, whatIfHash } from "./route";

describe("an address", () => {
  it("names a view", () => {
    expect(routeOf("")).toEqual({ view: "ward" });
    expect(routeOf("#/")).toEqual({ view: "ward" });
    expect(routeOf("#/settings")).toEqual({ view: "settings" });
    expect(routeOf("#/about")).toEqual({ view: "about" });
    expect(routeOf(bedHash("icu-1"))).toEqual({ view: "bed", bed: "icu-1", at: null });
    expect(routeOf(recordingsHash("icu-1"))).toEqual({ view: "recordings", bed: "icu-1" });
    expect(routeOf(whatIfHash("icu 1"))).toEqual({ view: "what-if", bed: "icu 1" });
    expect(routeOf(alarmsHash(null))).toEqual({ view: "alarms", bed: null });
    expect(routeOf(alarmsHash("icu&1"))).toEqual({ view: "alarms", bed: "icu&1" });
    expect(routeOf(alarmHash("a-17"))).toEqual({ view: "alarm", alarm: "a-17" });
    expect(routeOf("#/load")).toEqual({ view: "load" });
    expect(routeOf("#/screens")).toEqual({ view: "screens" });
  });

  it("can name a minute of a bed's trend, and one that is no time is left out", () => {
    expect(routeOf(momentHash("1", 1_793_180_000_000.4))).toEqual({
      view: "bed",
      bed: "1",
      at: 1_793_180_000_000,
    });
    for (const at of ["", "soon", "-5", "1e9"]) {
      expect(routeOf(`#/bed/1?at=${at}`)).toEqual({ view: "bed", bed: "1", at: null });
    }
  });

  it("that names nothing shows the ward rather than an empty page", () => {
    for (const hash of ["#/bed/", "#/bed/%", "#/alarm/", "#/nowhere", "#garbage"]) {
      expect(routeOf(hash)).toEqual({ view: "ward" });
    }
  });
});
