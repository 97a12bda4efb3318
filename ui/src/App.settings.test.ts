// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { closeApp, openApp, part, passes, press, requests, station, words } from "./opened-app";
import { bed, hello, reading, snapshot } from "./protocol/samples";

const T0 = hello().time;
const ADULT = bed().limits;
const CHILD = { ...ADULT, spo2_low: 92, spo2_desat: 85, pulse_low: 60, pulse_high: 160 };

type Role = "viewer" | "nurse" | "admin";

const opened = async (
  answers: Readonly<Record<string, unknown>>,
  role: Role,
  beds: readonly Parameters<typeof bed>[0][] = [{}],
): Promise<void> => {
  await openApp("#/settings", answers);
  station().says(hello({ role }), snapshot({ beds: beds.map(bed) }));
  await passes(10);
};

const sent = (method: string) => requests.filter((request) => request.method === method);

function type(name: string, value: string): void {
  const field = document.querySelector<HTMLInputElement>(`form input[name="${name}"]`);
  if (field === null) throw new Error(`no field ${name}`);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

afterEach(closeApp);

describe("the ward preset", () => {
  const presets = {
    ward: { limits: ADULT, from: "adult", by: null, time: null },
    starting_points: [
      { name: "adult", limits: ADULT, source: "A manual, page 4" },
      { name: "child", limits: CHILD, source: "A paper of 2015" },
    ],
  };
  const answers = { "GET /api/v1/presets": presets, "PUT /api/v1/presets/ward": presets };

  it("is seen by all with the starting points and their sources, and changed by admins only", async () => {
    await opened(answers, "viewer");
    expect(words("preset-origin")).toBe("Starting point: Adult. Nobody has changed it here.");
    expect(words("preset-limits")).toContain("SpO₂ low 90 %");
    expect(words("starting-point-child")).toContain("SpO₂ low 92, SpO₂ desaturation 85, SpO₂ high off");
    expect(words("starting-point-child")).toContain("Source: A paper of 2015");
    expect(part("preset-form")).toBeNull();
    expect(part("btn-begin-child")).toBeNull();
  });

  it("says which beds follow before it is set, and sends a starting point by its name", async () => {
    const admitted = { id: "2", name: "Bed 2", patient: { id: "p", name: null } };
    await opened(answers, "admin", [{}, admitted]);
    await press("btn-begin-child");
    await press("btn-preset");
    expect(words("preset-confirm")).toContain("These limits at once: Bed 1.");
    expect(words("preset-confirm")).toContain("Keep their own limits, marked where they differ: Bed 2.");
    expect(sent("PUT")).toEqual([]);
    await press("preset-confirm-yes");
    expect(sent("PUT")).toMatchObject([{ path: "/api/v1/presets/ward", body: { from: "child" } }]);
    expect(part("preset-confirm")).toBeNull();
  });

  it("can be of the ward's own making, and is sent whole", async () => {
    await opened(answers, "admin");
    type("spo2_low", "88");
    await passes(1);
    await press("btn-preset");
    await press("preset-confirm-yes");
    expect(sent("PUT")).toMatchObject([{ body: { ...ADULT, spo2_low: 88 } }]);
  });

  it("that the station refuses stays in the form, with the reason at its field", async () => {
    await opened(answers, "admin");
    type("spo2_low", "70");
    await passes(1);
    await press("btn-preset");
    const message = "spo2_low must be above spo2_desat.";
    vi.stubGlobal("fetch", () =>
      Promise.resolve(
        new Response(JSON.stringify({ error: { code: "bad_limits", message } }), { status: 400 }),
      ),
    );
    await press("preset-confirm-yes");
    expect(part("preset-form")?.querySelector(".wrong")?.textContent).toBe(
      "SpO₂ low must be above SpO₂ desaturation.",
    );
    expect(document.querySelector<HTMLInputElement>('form input[name="spo2_low"]')?.value).toBe("70");
  });

  it("is not asked about for a change that is none", async () => {
    await opened(answers, "admin");
    await press("btn-begin-adult");
    await press("btn-preset");
    expect(part("preset-confirm")).toBeNull();
    expect(sent("PUT")).toEqual([]);
  });
});

describe("the sound of the station", () => {
  const tested = { time: T0, by: "anna", detail: { priority: "high", device: "hw:0", result: "played" } };
  const sound = {
    enabled: true,
    device: "hw:1",
    works: false,
    message: "The chosen output is not there. Plug it in, or choose another.",
    playing_on: "hw:0",
    devices: [{ name: "hw:0", description: "Speakers" }],
    last_tests: [tested],
  };
  const answers = {
    "GET /api/v1/sound": sound,
    "PUT /api/v1/sound": { device: null },
    "POST /api/v1/sound/test": { ok: true, result: { device: "hw:0" } },
  };

  it("is told with why it does not work, the output that is not there, and the last tests", async () => {
    await opened(answers, "admin");
    expect(words("sound-state")).toBe("Alarms would sound on Speakers, not as they should.");
    expect(words("sound-why")).toBe(sound.message);
    expect(words("station-sound")).toContain("hw:1 not there now");
    expect(words("sound-tests")).toMatch(/high priority, anna: played on Speakers$/);
  });

  it("is tested by a nurse, who is told to go and hear it", async () => {
    await opened(answers, "nurse");
    await press("btn-test-high");
    expect(sent("POST")).toMatchObject([{ path: "/api/v1/sound/test", body: { priority: "high" } }]);
    expect(words("sound-told")).toContain("The high priority sound was played on Speakers. Go and hear");
    expect(part("output-default")).toBeNull();
  });

  it("is chosen by an admin", async () => {
    await opened(answers, "admin");
    await press("output-hw:0");
    await press("output-default");
    expect(sent("PUT").map(({ body }) => body)).toEqual([{ device: "hw:0" }, { device: null }]);
  });

  it("says when a test was not heard", async () => {
    await opened(answers, "nurse");
    const message = "An alarm sounds: it goes before a test.";
    vi.stubGlobal("fetch", () =>
      Promise.resolve(
        new Response(JSON.stringify({ error: { code: "alarm_sounds", message } }), { status: 409 }),
      ),
    );
    await press("btn-test-low");
    expect(words("station-sound")).toContain(message);
    expect(words("sound-told")).toBe("");
  });

  it("that the settings turned off has nothing to choose or to test", async () => {
    await opened({ "GET /api/v1/sound": { enabled: false, works: false, devices: [] } }, "admin");
    expect(words("sound-state")).toBe("The settings of this computer say that it sounds no alarms.");
    expect(part("btn-test-high")).toBeNull();
    expect(part("output-default")).toBeNull();
  });

  it("is looked at again by itself: an output is plugged in without a word", async () => {
    await opened(answers, "viewer");
    const asked = requests.length;
    const heard = () => requests.slice(asked).filter(({ path }) => path === "/api/v1/sound").length;
    await passes(2_500);
    station().says({ type: "heartbeat", time: T0 + 2_500, seq: 0 }, reading({ time: T0 + 2_500 }));
    await passes(1_000);
    expect(heard()).toBe(0);
    await passes(2_000);
    expect(heard()).toBe(1);
    expect(part("btn-test-high")).toBeNull();
  });
});
