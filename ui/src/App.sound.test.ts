// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closeApp, openApp, part, passes, press, station, words } from "./opened-app";
import { alarm, alarmMessage, bed, event, hello, reading, snapshot } from "./protocol/samples";
import { audio, PlayedAudio, playAudio } from "./sound/played-audio";
import type { Bed } from "./protocol/bed";

const T0 = hello().time;
const HIGH = 10;
const MEDIUM = 3;
const LOW = 2;

const calling: Partial<Bed> = { alarms: [alarm()], announcement: { priority: "medium", step: 0 } };
const view = (given: Partial<Bed> = {}) => ({ type: "bed", bed: bed(given) });

/** What the page said, but receipts and commands. */
const saidOfSound = () => station().heard.filter(({ type }) => type === "armed" || type === "goodbye");
const receipts = () => station().heard.filter(({ type }) => type === "receipt");

/** Pulses that go out from now on, within `ms` in which the station is heard. */
async function pulsesWithin(ms: number): Promise<number> {
  const from = performance.now();
  for (let passed = 0; passed < ms; passed += 1_000) {
    station().says({ type: "heartbeat", time: T0, seq: 0 });
    await passes(Math.min(1_000, ms - passed));
  }
  return audio().heardSince(from);
}

async function arm(): Promise<void> {
  part("btn-arm")?.click();
  await passes(1_000);
}

beforeEach(async () => {
  await openApp();
  playAudio();
});
afterEach(closeApp);

describe("a screen that nobody armed", () => {
  it("makes no sound, and says that it makes none", async () => {
    station().says(hello(), snapshot({ beds: [bed(calling)] }));
    await passes(2_000);
    expect(PlayedAudio.now).toBeNull();
    expect(document.body.textContent).toContain("NO SOUND ON THIS SCREEN");
    expect(document.body.textContent).toContain("Do not rely on this screen for alarms.");
    expect(saidOfSound()).toEqual([]);
  });
});

describe("the foot of a screen", () => {
  it("says that the station sounds only where its settings let it", () => {
    station().says(hello(), snapshot());
    expect(document.body.textContent).toContain("The station sounds.");
    station().says(hello({ site: { ...hello().site, sound: false } }), snapshot());
    expect(document.body.textContent).not.toContain("The station sounds");
    expect(document.body.textContent).toContain("NO SOUND AT THE STATION");
  });
});

describe("a tap", () => {
  it("arms the screen with a test tone, and the station is told", async () => {
    station().says(hello(), snapshot());
    await arm();
    expect(audio().pulses).toHaveLength(LOW);
    expect(part("sound-armed")).not.toBeNull();
    expect(document.body.textContent).not.toContain("Do not rely on this screen for alarms.");
    expect(document.body.textContent).not.toContain("NO SOUND ON THIS SCREEN");
    expect(saidOfSound()).toEqual([{ type: "armed", sound: true }]);
  });

  it("that the browser does not allow arms nothing and says so", async () => {
    PlayedAudio.allowed = false;
    station().says(hello(), snapshot());
    await arm();
    await passes(1_000);
    expect(words("sound-lost")).toBe("The browser did not allow sound. Tap again.");
    expect(document.body.textContent).toContain("NO SOUND ON THIS SCREEN");
    expect(saidOfSound()).toEqual([]);
  });

  it("whose test tone does not go out arms nothing", async () => {
    PlayedAudio.working = false;
    station().says(hello(), snapshot());
    await arm();
    await passes(1_000);
    expect(words("sound-lost")).toContain("The sound did not start");
    expect(saidOfSound()).toEqual([]);
  });

  it("disarms again, and the label is back", async () => {
    station().says(hello(), snapshot());
    await arm();
    await press("btn-disarm");
    expect(document.body.textContent).toContain("NO SOUND ON THIS SCREEN");
    expect(saidOfSound()).toEqual([
      { type: "armed", sound: true },
      { type: "armed", sound: false },
    ]);
  });
});

describe("an armed screen", () => {
  beforeEach(async () => {
    station().says(hello(), snapshot());
    await arm();
  });

  it("sounds an alarm at once and again at its own pace until it is answered", async () => {
    station().says(view(calling));
    expect(await pulsesWithin(2_000)).toBe(MEDIUM);
    expect(await pulsesWithin(19_000)).toBe(0);
    expect(await pulsesWithin(2_000)).toBe(MEDIUM);
    station().says(alarmMessage({ seq: 9, acknowledged: { by: "Ada", time: T0 } }));
    expect(await pulsesWithin(60_000)).toBe(0);
  });

  it("falls silent in the middle of a burst when the alarm is acknowledged", async () => {
    station().says(
      view({ alarms: [alarm({ priority: "high" })], announcement: { priority: "high", step: 0 } }),
    );
    const from = performance.now();
    await passes(500);
    station().says(alarmMessage({ seq: 9, priority: "high", acknowledged: { by: "Ada", time: T0 } }));
    await passes(4_000);
    expect(audio().heardSince(from)).toBe(2);
  });

  it("is quiet while the sound is paused and sounds when the pause ends, without a reading", async () => {
    station().says(view({ ...calling, announcement: null, audio: { paused_until: T0 + 30_000, by: "Ada" } }));
    expect(await pulsesWithin(30_000)).toBe(0);
    station().says(view(calling));
    expect(await pulsesWithin(2_000)).toBe(MEDIUM);
  });

  it("sounds an announcement that has risen because nobody answered", async () => {
    station().says(view(calling));
    await pulsesWithin(3_000);
    station().says(event("escalated", { alarms: ["a-17"], step: 1, priority: "high" }));
    expect(await pulsesWithin(4_000)).toBe(HIGH);
  });

  it("sounds the station's own trouble: who hears that the station is mute if not the tablets", async () => {
    const mute = alarm({ id: "a-9", condition: "sound_failed" });
    station().says({ type: "alarm", seq: 9, bed: null, ...mute });
    expect(await pulsesWithin(2_000)).toBe(MEDIUM);
  });

  it("reminds with one low burst of what is turned off", async () => {
    const off = { what: "audio", by: "Ada", since: T0 } as const;
    station().says(view({ off }), event("off_reminder", off));
    expect(await pulsesWithin(60_000)).toBe(LOW);
    expect(document.body.textContent).toContain("AUDIO OFF");
  });

  it("sounds LINK LOST within 5 s of the station's last word, and can only be paused there", async () => {
    station().says(view(calling));
    await pulsesWithin(3_000);
    station().says(view());
    station().heard.length = 0;
    const from = performance.now();
    await passes(5_000);
    expect(words("banner")).toContain("LINK LOST");
    await passes(500);
    expect(audio().heardSince(from)).toBeGreaterThan(0);
    expect((part("btn-acknowledge") as HTMLButtonElement).disabled).toBe(true);
    await press("btn-quiet");
    expect(words("banner")).toContain("AUDIO PAUSED 2:00");
    const paused = performance.now();
    await passes(60_000);
    expect(audio().heardSince(paused)).toBe(0);
    await passes(61_000);
    expect(audio().heardSince(paused)).toBeGreaterThan(0);
    expect(station().heard).toEqual([]);
  });

  it("is told to the station again after a broken link", async () => {
    station().onclose?.();
    await passes(3_000);
    station().onopen?.();
    station().says(hello());
    expect(saidOfSound()).toEqual([{ type: "armed", sound: true }]);
  });

  it("whose audio the browser stops is not armed any more, says so and tells the station", async () => {
    audio().becomes("suspended");
    await passes(10);
    expect(words("sound-lost")).toBe("The browser stopped this screen's sound. Tap to arm it again.");
    expect(document.body.textContent).toContain("NO SOUND ON THIS SCREEN");
    expect(saidOfSound().at(-1)).toEqual({ type: "armed", sound: false });
  });

  it("whose burst does not go out is not armed any more", async () => {
    PlayedAudio.working = false;
    station().says(view(calling));
    await passes(2_000);
    expect(words("sound-lost")).toContain("The sound did not start");
    expect(receipts().some(({ sounded }) => sounded === true)).toBe(false);
  });

  it("says goodbye when it is closed on purpose", () => {
    window.dispatchEvent(new Event("pagehide"));
    expect(saidOfSound().at(-1)).toEqual({ type: "goodbye" });
  });
});

describe("a receipt", () => {
  const seen = { type: "receipt", alarm: "a-17", shown: true, sounded: false };

  it("says once that an alarm is in sight, and once more that it sounded", async () => {
    station().says(hello(), snapshot());
    await arm();
    station().says(view(calling));
    await pulsesWithin(3_000);
    expect(receipts()).toEqual([seen, { ...seen, sounded: true }]);
    station().says(reading({ seq: 9, time: T0 }));
    await pulsesWithin(3_000);
    expect(receipts()).toHaveLength(2);
  });

  it("is sent anew when the alarm worsens", async () => {
    station().says(hello(), snapshot({ beds: [bed(calling)] }));
    await passes(500);
    station().says(alarmMessage({ seq: 9, worst: 80 }));
    await passes(500);
    expect(receipts()).toEqual([seen, seen]);
  });

  it("does not arm anew a screen that was disarmed since its burst went out", async () => {
    const sight = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    station().says(hello(), snapshot());
    await arm();
    station().says(view(calling));
    await pulsesWithin(2_000);
    expect(receipts()).toEqual([{ ...seen, shown: false, sounded: true }]);
    await press("btn-disarm");
    sight.mockReturnValue("visible");
    await pulsesWithin(2_000);
    expect(receipts()[1]).toEqual(seen);
  });

  it("is not sent for an alarm on a page that is out of sight", async () => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    station().says(hello(), snapshot({ beds: [bed(calling)] }));
    await passes(2_000);
    expect(receipts()).toEqual([]);
  });
});
