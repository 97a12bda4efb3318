// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeApp, openApp, part, passes, station, tile, words } from "./opened-app";
import { alarm, alarmMessage, bed, hello, reading, snapshot } from "./protocol/samples";

const T0 = hello().time;

beforeEach(() => openApp());
afterEach(closeApp);

describe("a ward screen", () => {
  it("shows the numbers of a bed, and dashes where there is none", () => {
    station().says(hello(), snapshot({ beds: [bed(), bed({ id: "2", name: "Bed 2", reading: null })] }));
    expect(words("spo2", tile("1"))).toBe("97");
    expect(words("pulse", tile("1"))).toBe("72");
    expect(words("spo2", tile("2"))).toBe("---");
    expect(tile("1").textContent).toContain("not admitted");
    station().says(reading({ time: T0, spo2: null, pulse_rate: null, status: ["no_finger"] }));
    expect(words("spo2", tile("1"))).toBe("---");
    expect(words("sensor-state", tile("1"))).toContain("Probe off");
  });

  it("shows the age from 1.5 s, dashes after 3 s, and says after 5 s that the link is lost", async () => {
    station().says(hello(), snapshot());
    expect(part("age")).toBeNull();
    await passes(2_000);
    expect(words("age")).toMatch(/^2\.\d s old$/);
    expect(words("spo2")).toBe("97");
    await passes(1_250);
    expect(words("spo2")).toBe("---");
    expect(part("link-state")?.dataset["state"]).toBe("live");
    await passes(2_250);
    expect(part("link-state")?.dataset["state"]).toBe("lost");
    expect(words("banner")).toContain("LINK LOST — last heard");
    expect((part("btn-pause") as HTMLButtonElement).disabled).toBe(true);
  });

  it("shows an alarm in its place, in the banner and to a screen reader", () => {
    station().says(
      hello(),
      snapshot(),
      alarmMessage({ priority: "high", message: "SpO2 78 < 80", worst: 78 }),
    );
    expect(words("alarm", tile())).toContain("***");
    expect(words("alarm", tile())).toContain("SpO2 78 < 80");
    expect(tile().textContent).toMatch(/worst\s*78/);
    expect(words("banner")).toContain("Bed 1");
    expect(document.title).toBe("*** Bed 1 SpO2 78 < 80 · Ward 3");
    expect(words("announce-assertive")).toContain("High priority alarm. Bed 1");
    station().says(alarmMessage({ seq: 3, priority: "high", acknowledged: { by: "Tablet 2", time: T0 } }));
    expect(tile().textContent).toContain("ACKNOWLEDGED");
    expect(tile().textContent).toContain("Tablet 2");
    station().says(alarmMessage({ seq: 4, state: "cleared" }));
    expect(words("banner")).toBe("No active alarm");
  });

  it("sends what its buttons say, for the bed they stand in, and shows the answer", async () => {
    station().says(
      hello(),
      snapshot({ beds: [bed({ alarms: [alarm()] }), bed({ id: "2", name: "Bed 2" })] }),
    );
    part("btn-acknowledge", tile("1"))?.click();
    expect(station().commands).toEqual([{ type: "command", id: "c1", bed: "1", command: "acknowledge" }]);
    station().says({
      type: "reply",
      id: "c1",
      ok: false,
      error: { code: "unknown_alarm", message: "It ended." },
    });
    await passes(10);
    expect(words("command-result", tile("1"))).toBe("Acknowledge failed: It ended.");
    part("btn-pause", tile("2"))?.click();
    expect(station().commands[1]).toMatchObject({ bed: "2", command: "pause_audio", seconds: 120 });
    station().says({
      type: "bed",
      bed: bed({ id: "2", audio: { paused_until: T0 + 102_500, by: "Tablet 1" } }),
    });
    expect(words("audio-paused", tile("2"))).toContain("AUDIO PAUSED 1:43");
    expect(words("btn-pause", tile("2"))).toBe("Resume audio");
  });

  it("lets an alarm of the station itself be acknowledged where it stands", () => {
    const full = alarm({ id: "a-9", condition: "storage_failed", message: "The disk is full." });
    station().says(hello(), snapshot({ station_alarms: [full] }));
    expect(words("banner")).toContain("Station Not recording");
    part("banner")?.querySelector("button")?.click();
    expect(station().commands).toEqual([{ type: "command", id: "c1", command: "acknowledge", alarm: "a-9" }]);
    const taken = { ...full, acknowledged: { by: "Tablet 2", time: T0 } };
    station().says({ type: "alarm", seq: 9, bed: null, ...taken });
    expect(words("banner")).toContain("ACKNOWLEDGED Tablet 2");
    const button = part("banner")?.querySelector("button");
    expect(button?.textContent).toContain("Withdraw");
    button?.click();
    expect(station().commands[1]).toEqual({ type: "command", id: "c2", command: "withdraw", alarm: "a-9" });
  });

  it("does not stop a sound with Esc", () => {
    station().says(hello(), snapshot({ beds: [bed({ alarms: [alarm()] })] }));
    part("btn-pause", tile())?.focus();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(station().commands).toEqual([]);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "F8", bubbles: true }));
    expect(station().commands).toMatchObject([{ bed: "1", command: "pause_audio" }]);
  });

  it("has no buttons for a viewer", () => {
    station().says(hello({ role: "viewer" }), snapshot());
    expect(part("btn-acknowledge")).toBeNull();
    expect(part("btn-pause")).toBeNull();
  });

  it("says what to do when there is no bed, and marks a demonstration", () => {
    station().says(hello(), snapshot({ beds: [] }));
    expect(document.body.textContent).toContain("No bed yet");
    expect(part("demo-mark")).toBeNull();
    station().says({ type: "bed", bed: bed({ demo: true }) });
    expect(part("demo-mark")).not.toBeNull();
  });

  it("says that it is no place to rely on for alarms and makes no sound", () => {
    expect(document.body.textContent).toContain("Secondary display. Do not rely on this screen for alarms.");
    expect(document.body.textContent).toContain("NO SOUND ON THIS SCREEN");
  });
});
