// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeApp, openApp, part, passes, press, station, words } from "./opened-app";
import { alarm, bed, hello, snapshot } from "./protocol/samples";
import { audio, playAudio } from "./sound/played-audio";

const T0 = hello().time;
const MEDIUM = 3;
const elsewhere = (step: number) =>
  bed({
    id: "2",
    name: "Bed 2",
    alarms: [alarm({ id: "a-2" })],
    announcement: { priority: "medium", step },
  });

const goTo = async (hash: string) => {
  location.hash = hash;
  window.dispatchEvent(new HashChangeEvent("hashchange"));
  await passes(10);
};

beforeEach(() => openApp("#/settings"));
afterEach(closeApp);

describe("a screen for some of the beds", () => {
  beforeEach(async () => {
    station().says(hello(), snapshot({ beds: [bed(), bed({ id: "2", name: "Bed 2" })] }));
    await press("shows-2");
    await goTo("#/");
  });

  it("shows these, and says that there are more", () => {
    expect(part("tile-1")).not.toBeNull();
    expect(part("tile-2")).toBeNull();
    expect(words("some-beds")).toContain("This screen shows 1 of 2 beds.");
  });

  it("is not called to another bed until nobody has answered there, and then by its name and its sound", async () => {
    playAudio();
    part("btn-arm")?.click();
    await passes(1_000);
    const before = performance.now();
    station().says({ type: "bed", bed: elsewhere(0) });
    await passes(2_000);
    expect(words("banner")).toBe("No active alarm");
    expect(audio().heardSince(before)).toBe(0);
    station().says({ type: "bed", bed: elsewhere(1) });
    await passes(2_000);
    expect(words("banner")).toContain("Bed 2");
    expect(words("called")).toBe("unanswered, called once");
    expect(audio().heardSince(before)).toBe(MEDIUM);
    part("banner")?.querySelector("button")?.click();
    expect(location.hash).toBe("#/bed/2");
  });

  it("shows all again when its own beds are gone", () => {
    station().says({ type: "bed_removed", bed: "1" });
    expect(part("tile-2")).not.toBeNull();
  });

  it("still says what is turned off at a bed that it does not show", () => {
    const off = { what: "alarms", by: "Ada", since: T0 } as const;
    station().says({ type: "bed", bed: bed({ id: "2", name: "Bed 2", off }) });
    expect(words("off-elsewhere")).toContain("Bed 2 ALARM OFF Ada");
  });
});

describe("a bed that calls", () => {
  it("stands before its like once nobody has answered it", async () => {
    const newer = bed({
      alarms: [alarm({ since: T0 + 9_000 })],
      announcement: { priority: "medium", step: 0 },
    });
    station().says(hello(), snapshot({ beds: [newer, elsewhere(0)] }));
    expect(words("banner")).toMatch(/Bed 1.*Bed 2/);
    station().says({ type: "bed", bed: elsewhere(1) });
    await passes(10);
    expect(words("banner")).toMatch(/Bed 2.*Bed 1/);
  });
});

describe("the time that the station was down", () => {
  const run = { since: T0, down_s: 14.2, clean: false, last_alive: T0 - 14_200 };

  it("stands on every view until it is closed here, once for each run", async () => {
    station().says(hello({ run }), snapshot());
    expect(words("station-down")).toContain("The station was down 00:14");
    await goTo("#/");
    expect(words("station-down")).toContain("It had not been stopped on purpose.");
    part("station-down")?.querySelector("button")?.click();
    await passes(10);
    expect(part("station-down")).toBeNull();
    station().says(hello({ run }), snapshot());
    expect(part("station-down")).toBeNull();
    station().says(hello({ run: { ...run, since: T0 + 60_000 } }), snapshot());
    expect(part("station-down")).not.toBeNull();
  });

  it("is not mentioned where there was none", () => {
    station().says(hello({ run: { since: T0, down_s: null, clean: null, last_alive: null } }), snapshot());
    expect(part("station-down")).toBeNull();
  });
});
