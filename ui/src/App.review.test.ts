// @vitest-environment jsdom
import { flushSync } from "svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import { closeApp, openApp, part, passes, press, put, requests, station, words } from "./opened-app";
import { alarm, bed, hello, snapshot } from "./protocol/samples";

const T0 = hello().time;
const HOUR = 3_600_000;

type Role = "viewer" | "nurse" | "admin";

const opened = async (
  hash: string,
  answers: Readonly<Record<string, unknown>> = {},
  role: Role = "nurse",
  beds: readonly Parameters<typeof bed>[0][] = [{}],
): Promise<void> => {
  await openApp(hash, answers);
  station().says(hello({ role }), snapshot({ beds: beds.map(bed) }));
  await passes(10);
};

const links = (testid: string): (string | null)[] =>
  [...(part(testid)?.querySelectorAll("a") ?? [])].map((link) => link.getAttribute("href"));

/** The cells of a table, line by line. */
const lines = (testid: string): string[] =>
  [...(part(testid)?.querySelectorAll("tr") ?? [])].map((row) =>
    [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, " ").trim()).join(" | "),
  );

afterEach(closeApp);

describe("the trend of a bed", () => {
  it("opens at the minute that a link names, stands still, and leads back to now", async () => {
    const at = T0 - 2 * HOUR;
    const from = at - 300_000;
    const path = `/api/v1/beds/1/readings?from=${from}&to=${from + 600_000}&fields=spo2,pulse_rate&resolution_s=2`;
    await opened(`#/bed/1?at=${at}`, { [`GET ${path}`]: { readings: [] } });
    expect(requests.map(({ path: asked }) => asked)).toContain(path);
    expect(words("trend-at")).toMatch(/^PAST, around \d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect(links("trend")).toEqual(["#/bed/1"]);
    expect(words("live-line")).toContain("Now at Bed 1: SpO₂ 97 %");
    location.hash = "#/bed/1";
    await passes(10);
    expect(part("trend-at")).toBeNull();
    expect(requests.at(-1)?.path).toContain("readings?from=-10m&");
  });

  it("shows no minute of a patient who has left", async () => {
    await opened(`#/bed/1?at=${T0 - 2 * HOUR}`, {}, "nurse", [{ history_from: T0 - HOUR }]);
    expect(words("trend")).toContain("it belongs to a patient who has left");
    expect(requests.some(({ path }) => path.includes("readings"))).toBe(false);
  });
});

describe("what-if", () => {
  const course = (low: number, unalarmed: number) => ({
    alarms: { spo2_low: low, no_finger: 2 },
    per_day: { spo2_low: low * 3, no_finger: 6 },
    below_s: 600,
    below_unalarmed_s: unalarmed,
  });
  const one = (given: object) => ({
    condition: "spo2_low",
    since: T0 - HOUR,
    until: T0 - HOUR + 42_000,
    priority: "medium",
    worst: 84,
    limit: 90,
    ...given,
  });
  const answer = {
    from: T0 - 8 * HOUR,
    to: T0,
    watched_s: 28_800,
    measured_s: 27_000,
    was: course(12, 120),
    would: course(4, 420),
    lost: [one({})],
    won: [],
    later: [one({ since: T0 - 2 * HOUR, by_s: 30 })],
    notes: ["Of 7 s the station does not know how the sensor stood."],
  };
  const PATH = "POST /api/v1/beds/1/what-if";

  it("is found at the bed, begins with its present limits, and asks with all that the form shows", async () => {
    await opened("#/bed/1", { [PATH]: answer });
    expect(part("link-what-if")?.getAttribute("href")).toBe("#/bed/1/what-if");
    location.hash = "#/bed/1/what-if";
    await passes(10);
    type("spo2_low", "88");
    expect(words("rule-spo2_low")).toBe("alarm when SpO₂ < 90 for 15 s");
    type("averaging_s", "10");
    await press("period-8h");
    await press("btn-try");
    expect(requests.at(-1)).toEqual({
      method: "POST",
      path: "/api/v1/beds/1/what-if",
      body: { from: "-8h", limits: { ...bed().limits, spo2_low: 88 }, averaging_s: 10 },
    });
    expect(station().heard).toEqual([]);
  });

  it("tells each saving beside its price, and each alarm leads to its minute", async () => {
    await opened("#/bed/1/what-if", { [PATH]: answer });
    await press("btn-try");
    const told = words("what-if-answer") ?? "";
    for (const figure of [
      "Alarms 8 fewer",
      "Price: Low SpO₂ without an alarm 5 min 00 s more",
      "Price: Would not have come 1",
      "Price: Would have come later 1, by up to 30 s",
      "Of 7 s the station does not know how the sensor stood.",
      "The stored numbers of this bed go through the same rules again; nothing is changed by it.",
    ]) {
      expect(told).toContain(figure);
    }
    expect(lines("what-if-answer")).toEqual([
      "Alarms | was, with the limits of the time | would have been",
      "SpO₂ low | 12 (36 a day) | 4 (12 a day)",
      "Probe off | 2 (6.0 a day) | 2 (6.0 a day)",
      "All alarms | 14 (42 a day) | 6 (18 a day)",
      "Below the limit then in force | 10 min 00 s | 10 min 00 s",
      "of that without an alarm for it | 2 min 00 s | 7 min 00 s",
    ]);
    expect(words("what-if-lost")).toContain("SpO₂ low: 84 % < 90 %, for 42 s");
    expect(links("what-if-lost")).toEqual([`#/bed/1?at=${T0 - HOUR}`]);
    expect(words("what-if-later")).toContain("later by 30 s");
    expect(words("what-if-won")).toContain("None.");
  });

  it("sets nothing by itself: its limits come to the form, where somebody has to set them", async () => {
    await opened("#/bed/1/what-if", { [PATH]: answer });
    type("spo2_low", "88");
    await press("btn-try");
    await press("btn-take");
    await passes(10);
    expect(location.hash).toBe("#/bed/1");
    expect(words("limits-brought")).toContain("not set until you press");
    expect(station().heard).toEqual([]);
    part("limits-form")?.querySelector<HTMLButtonElement>('[type="submit"]')?.click();
    expect(station().heard).toMatchObject([{ command: "set_limits", bed: "1", spo2_low: 88 }]);
    location.hash = "#/";
    await passes(10);
    location.hash = "#/bed/1";
    await passes(10);
    expect(part("limits-brought")).toBeNull();
  });

  it("says at the field why the station would not try it, and nothing is taken along by a viewer", async () => {
    const message = "spo2_desat must be below spo2_low.";
    await opened("#/bed/1/what-if", { [PATH]: answer }, "viewer");
    await press("btn-try");
    expect(part("btn-take")).toBeNull();
    vi.stubGlobal("fetch", () =>
      Promise.resolve(
        new Response(JSON.stringify({ error: { code: "out_of_range", message } }), { status: 400 }),
      ),
    );
    await press("btn-try");
    expect(part("trial-form")?.querySelector('[role="alert"]')?.textContent).toBe(
      "SpO₂ desaturation must be below SpO₂ low.",
    );
    expect(part("what-if-answer")).toBeNull();
  });

  it("sends nothing that is no number", async () => {
    await opened("#/bed/1/what-if", { [PATH]: answer });
    type("delay_s", "soon");
    await press("btn-try");
    type("delay_s", "15");
    type("averaging_s", "1.5");
    await press("btn-try");
    expect(requests.filter(({ method }) => method === "POST")).toEqual([]);
    expect(words("trial-form")).toContain("Averaging must be a whole number of seconds, 60 at most.");
  });
});

describe("the alarm log", () => {
  const message = "SpO2 no longer below its limit; was SpO2 85 < 90";
  const line = {
    seq: 7,
    bed: "1",
    ...alarm({ since: T0 - 60_000, time: T0 - 20_000, state: "cleared", message }),
  };
  const acknowledged = { by: "anna", time: T0 - 18_000 };

  it("has the alarms of a span with their start, worst, limit and who answered after how long", async () => {
    await opened("#/alarms", {
      "GET /api/v1/alarms?from=-8h": { alarms: [line, { ...line, id: "a-18", acknowledged }] },
    });
    expect(words("alarms-view")).toContain("2 alarms, 2 of them about a patient's numbers.");
    expect(
      lines("alarm-table")
        .slice(1)
        .map((line) => line.replace(/^.*?Bed/, "Bed")),
    ).toEqual([
      "Bed 1 | ** SpO2 85 < 90 SpO2 no longer below its limit | 85 % | 90 % | anna after 42 s",
      "Bed 1 | ** SpO2 85 < 90 SpO2 no longer below its limit | 85 % | 90 % | nobody",
    ]);
    expect(links("alarm-table")).toEqual(["#/alarm/a-18", "#/alarm/a-17"]);
  });

  it("is that of a bed where one is named, and another span can be chosen", async () => {
    await opened("#/alarms?bed=1", { "GET /api/v1/alarms?from=-7d&bed=1": { alarms: [] } });
    expect(requests.at(-1)?.path).toBe("/api/v1/alarms?from=-8h&bed=1");
    await press("period-7d");
    expect(requests.at(-1)?.path).toBe("/api/v1/alarms?from=-7d&bed=1");
    put("log-bed", "");
    await passes(10);
    expect(location.hash).toBe("#/alarms");
  });
});

describe("an alarm's own page", () => {
  const story = {
    alarm: { bed: "1", ...alarm({ acknowledged: { by: "anna", time: T0 + 43_500 } }) },
    history: [{ bed: "1", ...alarm() }],
    receipts: [{ client: "Tablet 2", address: "10.0.0.7", shown: alarm().since + 40, sounded: null }],
    escalations: [{ time: alarm().since + 60_000, step: 1, priority: "high" }],
  };

  it("tells what happened on which screen, and leads to the minute of the trend", async () => {
    await opened("#/alarm/a-17", { "GET /api/v1/alarms/a-17": story });
    expect(words("alarm-view")).toContain("Bed 1: SpO2 85 < 90");
    expect(words("alarm-view")).toContain("ACKNOWLEDGED by anna");
    expect(words("alarm-steps")).toMatch(/\+ 0 ms Raised, medium priority: SpO2 85 < 90/);
    expect(words("alarm-steps")).toContain("Shown at Tablet 2");
    expect(words("alarm-steps")).toContain(
      "Nobody had answered: announced as high priority, and on all screens (step 1)",
    );
    expect(lines("alarm-receipts")[1]).toMatch(
      /^Tablet 2 10\.0\.0\.7 \| [\d:]+, after 40 ms \| not told \| not there$/,
    );
    expect(part("link-moment")?.getAttribute("href")).toBe(`#/bed/1?at=${alarm().since}`);
  });

  it("names it by what it was, and tells how it ended after that", async () => {
    const message = "Over; was The disk is slow: a line of the record took longer than 20 ms.";
    const over = alarm({ condition: "storage_failed", state: "cleared", message, acknowledged: null });
    const told = { ...story, alarm: { bed: null, ...over }, history: [] };
    await opened("#/alarm/a-17", { "GET /api/v1/alarms/a-17": told });
    expect(words("alarm-view")).toContain("Station: The disk is slow");
    expect(words("alarm-ending")).toBe("Ended: Over.");
  });

  it("is read again while the alarm is active, for receipts come without a message", async () => {
    await opened("#/alarm/a-17", { "GET /api/v1/alarms/a-17": story });
    const asked = requests.length;
    await passes(2_100);
    expect(requests.length).toBe(asked + 1);
  });

  it("is one step away from the active alarms of a bed", async () => {
    await opened("#/bed/1", {}, "nurse", [{ alarms: [alarm()] }]);
    expect(links("alarm-list")).toEqual(["#/alarm/a-17"]);
  });
});

describe("the alarm load", () => {
  const load = (given: object) => ({
    alarms: 0,
    physiological: 0,
    technical: 0,
    per_bed_day: null,
    acknowledged_share: null,
    to_acknowledge_s: null,
    by_condition: {},
    watched_s: 0,
    ...given,
  });
  const busy = load({
    alarms: 30,
    physiological: 20,
    technical: 10,
    per_bed_day: 4.25,
    acknowledged_share: 0.5,
    to_acknowledge_s: { median: 20, nine_in_ten: 75, longest: 600 },
    by_condition: { no_finger: 10, spo2_low: 20 },
    watched_s: 604_800,
  });
  const hours = Array.from({ length: 24 }, (_none, hour) => (hour === 3 ? 18 : hour === 14 ? 12 : 0));
  const answer = {
    from: T0 - 168 * HOUR,
    to: T0,
    ward: busy,
    beds: [
      { bed: "2", name: "Bed 2", ...busy },
      { bed: "1", name: "Bed 1", ...load({}) },
    ],
    hours,
    top_tenth_share: 1,
  };

  it("says which beds cause how much, when, and how long an answer took", async () => {
    await opened("#/load", { "GET /api/v1/alarm-load?from=-7d": answer });
    expect(words("load-concentration")).toBe(
      "Bed 2, the tenth of the beds with the most, had 100 % of all alarms.",
    );
    expect(lines("load-table").slice(1)).toEqual([
      "Bed 2 | 30 | 4.3 | 20 | 10 | 50 % | 20 s / 1 min 15 s / 10 min 00 s | 168 h 00 min",
      "Bed 1 | 0 | --- | 0 | 0 | --- | --- | 0 s",
      "Ward | 30 | 4.3 | 20 | 10 | 50 % | 20 s / 1 min 15 s / 10 min 00 s | 168 h 00 min",
    ]);
    expect(part("hour-bars")?.getAttribute("aria-label")).toBe(
      "Alarms by hour of the day; most from 03:00 to 04:00: 18",
    );
    expect(words("load-conditions")).toMatch(/SpO₂ low 20 67 % ?Probe off 10 33 %/);
  });

  it("can be kept as a table for a meeting", async () => {
    const kept = vi.fn(() => "blob:kept");
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: kept, revokeObjectURL: () => {} }));
    await opened("#/load", {
      "GET /api/v1/alarm-load?from=-7d": answer,
      "GET /api/v1/alarm-load?from=-7d&format=csv": "bed,alarms",
    });
    await press("btn-csv");
    expect(requests.at(-1)?.path).toBe("/api/v1/alarm-load?from=-7d&format=csv");
    expect(kept).toHaveBeenCalledOnce();
    expect(words("load-view")).toMatch(
      /alarm-load-\d{4}-\d\d-\d\d\.csv goes to where this screen keeps downloads/,
    );
  });

  it("of a quiet ward divides nothing by nothing", async () => {
    const quiet = { ...answer, ward: load({}), beds: [answer.beds[1]], hours: [], top_tenth_share: null };
    await opened("#/load", { "GET /api/v1/alarm-load?from=-7d": quiet });
    expect(words("load-concentration")).toBe("No alarm in this span.");
    expect(words("load-view")).not.toContain("NaN");
  });
});

describe("the screens", () => {
  const client = {
    id: 3,
    name: "Tablet 3",
    role: "nurse",
    address: "10.0.0.8",
    since: T0,
    armed: true,
    latency_ms: 12.4,
  };
  const lost = { ...client, id: "lost-Tablet 2", name: "Tablet 2", lost: true, gone_since: T0 - HOUR };
  const answers = {
    "GET /api/v1/clients": { clients: [{ ...client, receipts: 4, last_receipt: T0 }, lost] },
    "DELETE /api/v1/clients/lost-Tablet%202": {},
    "DELETE /api/v1/clients/3": {},
  };

  it("are listed with whether they sound and how far away they are, a lost one first", async () => {
    await opened("#/screens", answers);
    expect(words("screens-view")).toMatch(/Tablet 2 LOST.*Tablet 3 nurse/);
    expect(words("client-lost-Tablet 2")).toMatch(/It sounded alarms and is gone since \d{4}/);
    expect(words("client-3")).toContain("Armed: it sounds alarms");
    expect(words("client-3")).toContain("12 ms there and back");
  });

  it("that are lost can be removed by a nurse, after asking back; connections are closed by an admin", async () => {
    await opened("#/screens", answers);
    expect(part("btn-remove-3")).toBeNull();
    await press("btn-remove-lost-Tablet 2");
    expect(requests.some(({ method }) => method === "DELETE")).toBe(false);
    await press("remove-client-yes");
    expect(requests.find(({ method }) => method === "DELETE")?.path).toBe("/api/v1/clients/lost-Tablet%202");
  });

  it("are closed by an admin, and a viewer only looks", async () => {
    await opened("#/screens", answers, "admin");
    await press("btn-remove-3");
    await press("remove-client-yes");
    expect(requests.find(({ method }) => method === "DELETE")?.path).toBe("/api/v1/clients/3");
    await closeApp();
    await opened("#/screens", answers, "viewer");
    expect(part("btn-remove-lost-Tablet 2")).toBeNull();
  });

  it("are looked at again by themselves", async () => {
    await opened("#/screens", answers);
    const asked = requests.length;
    await passes(3_100);
    expect(requests.length).toBe(asked + 1);
  });
});

/** Types into a field of the form of the view by its name. */
function type(name: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(`form input[name="${name}"]`);
  if (field === null) throw new Error(`no field ${name}`);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}
