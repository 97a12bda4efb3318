// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeApp, openApp, part, passes, press, station, tile, words } from "./opened-app";
import { alarm, alarmMessage, bed, event, hello, snapshot } from "./protocol/samples";
import type { Bed } from "./protocol/bed";
import { TURN_MS } from "./ward/presentation";

const T0 = hello().time;
const offAllowed = { sound: true, latch_high: false, audio_off: true, alarm_off: true, escalation_s: null };

afterEach(closeApp);

describe("a tile", () => {
  beforeEach(() => openApp());

  const shows = (given: Partial<Bed>) => station().says(hello(), snapshot({ beds: [bed(given)] }));

  it("shows how far a delay has run, and not when it will be over", () => {
    shows({ pending: [{ condition: "spo2_low", fraction: 0.4 }] });
    expect(words("delay-spo2_low", tile())).toBe("SpO₂ low: delay runs");
    expect(part("delay-spo2_low")?.getAttribute("aria-valuenow")).toBe("40");
    station().says({ type: "bed", bed: bed() });
    expect(part("delay-spo2_low")).toBeNull();
  });

  it("says which limits are not the ward's", () => {
    shows({ preset_differs: ["spo2_low"] });
    expect(words("mark-preset", tile())).toBe("Not the ward preset: SpO₂ low");
    const marked = [...tile().querySelectorAll(".differs")].map((limit) => limit.textContent);
    expect(marked).toHaveLength(1);
    expect(marked[0]).toContain("SpO₂ low limit");
  });

  it("keeps an alarm that ended unanswered, steady, until somebody acknowledges it", async () => {
    const message = "SpO2 no longer below the desaturation limit; was SpO2 74 < 80 (desaturation)";
    const ended = alarm({ id: "a-3", priority: "high", state: "cleared", worst: 74, message });
    shows({ latched: [ended] });
    expect(words("alarm", tile())).toContain("ENDED: SpO2 74 < 80 (desaturation)");
    expect(part("alarm", tile())?.className).not.toContain("flash-high");
    expect(tile().textContent).toMatch(/NOT ACKNOWLEDGED worst\s*74/);
    expect(words("spo2", tile())).toBe("97");
    await press("btn-acknowledge");
    expect(station().commands).toEqual([{ type: "command", id: "c1", bed: "1", command: "acknowledge" }]);
    station().says(alarmMessage({ ...ended, seq: 9, acknowledged: { by: "Ada", time: T0 } }));
    expect(words("alarm", tile())).toBe("");
    expect((part("btn-acknowledge") as HTMLButtonElement).disabled).toBe(true);
  });

  it("says that nobody answered, how often others were called, and flashes as it is announced", () => {
    shows({ alarms: [alarm()], announcement: { priority: "medium", step: 0 } });
    expect(part("unanswered")).toBeNull();
    station().says(event("escalated", { alarms: ["a-17"], step: 2, priority: "high" }));
    expect(words("unanswered", tile())).toBe("unanswered, called 2 times");
    expect(words("announced", tile())).toBe("announced as *** high");
    expect(part("alarm", tile())?.className).toContain("fill-medium flash-high");
    expect(words("called")).toBe("unanswered, called 2 times");
    station().says(alarmMessage({ seq: 6, acknowledged: { by: "Ada", time: T0 } }));
    expect(part("unanswered")).toBeNull();
    expect(part("called")).toBeNull();
  });

  it("does not say of an alarm that is over or answered that others were called for it", async () => {
    const over = alarm({ id: "a-3", state: "cleared", message: "In range; was SpO2 74 < 80" });
    const taken = alarm({ id: "a-4", acknowledged: { by: "Ada", time: T0 }, message: "Pulse 130 > 120" });
    shows({ alarms: [alarm(), taken], latched: [over], announcement: { priority: "high", step: 2 } });
    const seen = new Map<string, boolean>();
    for (let turn = 0; turn < 3; turn += 1) {
      seen.set(words("alarm", tile()) ?? "", part("unanswered", tile()) !== null);
      await passes(TURN_MS);
    }
    const said = [...seen].map(([text, called]) => [/SpO2 \d+|Pulse \d+/.exec(text)?.[0], called]);
    expect(Object.fromEntries(said)).toEqual({ "SpO2 85": true, "Pulse 130": false, "SpO2 74": false });
  });

  it("says AUDIO OFF by whom and since when, and still flashes", () => {
    shows({ alarms: [alarm()], off: { what: "audio", by: "Ada", since: T0 } });
    expect(words("audio-off", tile())).toMatch(/^AUDIO OFF .*\d\d:\d\d Ada$/);
    expect(part("alarm", tile())?.className).toContain("flash-medium");
  });

  it("whose alarms are off flashes nothing and says so large in their place", async () => {
    shows({ alarms: [alarm({ priority: "high" })], off: { what: "alarms", by: "Ada", since: T0 } });
    expect(words("alarms-off", tile())).toMatch(/^ALARM OFF since .*, by Ada$/);
    expect(tile().querySelector('[class*="flash-"]')).toBeNull();
    expect(part("alarm", tile())).toBeNull();
    expect(words("banner")).toBe("No active alarm");
    expect(words("announce-assertive")).toBe("");
    expect(words("btn-pause", tile())).toBe("Turn alarms on");
    expect((part("btn-acknowledge", tile()) as HTMLButtonElement).disabled).toBe(true);
    await press("btn-pause");
    expect(station().commands).toEqual([{ type: "command", id: "c1", bed: "1", command: "turn_on" }]);
  });
});

describe("the top row", () => {
  const message = "SpO2 in range; was SpO2 74 < 80 (desaturation)";
  const ended = alarm({ id: "a-3", priority: "high", state: "cleared", value: null, limit: 80, message });
  const chips = () => [...(part("banner")?.querySelectorAll(".chip") ?? [])];
  const text = (chip: Element | undefined) => chip?.textContent?.replace(/\s+/g, " ").trim();

  it.each(["#/", "#/bed/2", "#/alarms", "#/settings", "#/about"])(
    "shows at %s what ended unanswered, steady, after what is active",
    async (hash) => {
      await openApp(hash);
      const second = bed({ id: "2", name: "Bed 2", alarms: [alarm({ priority: "low" })] });
      station().says(hello(), snapshot({ beds: [bed({ latched: [ended] }), second] }));
      expect(chips().map(text)).toEqual([
        "* Bed 2 SpO2 85 < 90",
        "*** Bed 1 ENDED: SpO2 74 < 80 NOT ACKNOWLEDGED",
      ]);
      expect(chips()[1]?.className).toContain("ended");
      expect(chips()[1]?.className).toContain("flash-none");
      station().says(alarmMessage({ ...ended, seq: 9, acknowledged: { by: "Ada", time: T0 } }));
      expect(chips()).toHaveLength(1);
    },
  );

  it("says who took an alarm in hand, and that the bed's sound is paused", async () => {
    await openApp();
    const taken = alarm({ acknowledged: { by: "Ada", time: T0 } });
    const audio = { paused_until: T0 + 103_000, by: "Ada" };
    station().says(hello(), snapshot({ beds: [bed({ alarms: [taken], audio })] }));
    expect(words("answered")).toMatch(/^ACKNOWLEDGED Ada \d\d:\d\d$/);
    expect(words("chip-paused")).toMatch(/^1:4\d$/);
    expect(part("chip-paused")?.querySelector("svg")?.getAttribute("aria-label")).toBe("AUDIO PAUSED");
    station().says(alarmMessage({ seq: 6, acknowledged: null }));
    expect(part("answered")).toBeNull();
  });
});

describe("the view of a bed", () => {
  beforeEach(() => openApp("#/bed/1"));

  it("lets an acknowledgement be withdrawn by its alarm, and tells everybody whose it was", async () => {
    const taken = alarm({ acknowledged: { by: "Tablet 2", time: T0 } });
    station().says(hello(), snapshot({ beds: [bed({ alarms: [taken] })] }));
    expect(words("alarm-list")).toContain("ACKNOWLEDGED by Tablet 2");
    await press("btn-withdraw");
    expect(station().commands).toEqual([
      { type: "command", id: "c1", bed: "1", command: "withdraw", alarm: "a-17" },
    ]);
    station().says(
      alarmMessage({ seq: 3, acknowledged: null }),
      event("acknowledgement_withdrawn", { alarm: "a-17", was: { by: "Tablet 2", time: T0 } }, { by: "Ada" }),
    );
    expect(words("command-result")).toBe("Withdrawn: The acknowledgement by Tablet 2, by Ada");
    expect(part("btn-withdraw")).toBeNull();
    expect(words("announce-polite")).toContain("The acknowledgement was withdrawn");
  });

  it("whose alarms are off answers only the alarm that is named, and hides none from its list", () => {
    const ended = alarm({
      id: "a-3",
      priority: "high",
      state: "cleared",
      message: "In range; was SpO2 74 < 80",
    });
    const off = { what: "alarms", by: "Ada", since: T0 } as const;
    station().says(hello(), snapshot({ beds: [bed({ alarms: [alarm()], latched: [ended], off })] }));
    expect((part("btn-acknowledge") as HTMLButtonElement).disabled).toBe(true);
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "F9", bubbles: true }));
    expect(station().commands).toEqual([]);
    expect(words("list-off")).toContain("Each is acknowledged by itself");
    expect(words("latched")).toContain("ENDED: SpO2 74 < 80");
    part("latched")?.querySelector("button")?.click();
    expect(station().commands).toMatchObject([{ bed: "1", command: "acknowledge", alarm: "a-3" }]);
  });

  it("offers to turn off to an admin only, and only what the site allows", () => {
    station().says(hello({ site: offAllowed }), snapshot());
    expect(part("btn-off-audio")).toBeNull();
    station().says(hello({ role: "admin", site: { ...offAllowed, alarm_off: false } }), snapshot());
    expect(part("btn-off-audio")).not.toBeNull();
    expect(part("btn-off-alarms")).toBeNull();
    station().says(hello({ role: "admin" }), snapshot());
    expect(part("off-control")).toBeNull();
  });

  it("says what turning off means before it is done", async () => {
    station().says(hello({ role: "admin", site: offAllowed }), snapshot());
    await press("btn-off-alarms");
    expect(station().commands).toEqual([]);
    expect(words("confirm-off")).toContain("No alarm of this bed sounds, flashes or calls anybody");
    await press("confirm-off-no");
    await press("btn-off-alarms");
    await press("confirm-off-yes");
    expect(station().commands).toEqual([
      { type: "command", id: "c1", bed: "1", command: "turn_off", what: "alarms" },
    ]);
  });

  it("lets a nurse turn on again", async () => {
    const off = { what: "audio", by: "Ada", since: T0 } as const;
    station().says(hello(), snapshot({ beds: [bed({ off })] }));
    expect(words("off-control")).toContain("AUDIO OFF at Bed 1");
    await press("btn-turn-on");
    expect(station().commands).toMatchObject([{ bed: "1", command: "turn_on" }]);
  });

  it("says in words when each limit alarms, and which are not the ward's", () => {
    station().says(hello(), snapshot({ beds: [bed({ preset_differs: ["spo2_low"] })] }));
    expect(words("rule-spo2_low")).toBe("alarm when SpO₂ < 90 for 15 s");
    expect(words("differs-spo2_low")).toBe("· not the ward preset");
    expect(part("differs-pulse_low")).toBeNull();
  });
});
