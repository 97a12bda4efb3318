import { describe, expect, it } from "vitest";
import { alarm, alarmMessage, bed, event, hello, reading, snapshot } from "../protocol/samples";
import type { StationMessage } from "../protocol/messages";
import { reduce, UNKNOWN_WARD, type BedState, type WardState } from "./ward";

const T0 = hello().time;

/** Each message is received `at` milliseconds of the screen's count. */
function after(messages: readonly StationMessage[], start: WardState = UNKNOWN_WARD, at = 0): WardState {
  return messages.reduce((ward, message) => reduce(ward, message, at), start);
}

function bedOf(ward: WardState, id = "1"): BedState {
  const found = ward.beds.get(id);
  if (found === undefined) throw new Error(`no bed ${id}`);
  return found;
}

const live = after([hello(), snapshot()]);

describe("a new connection", () => {
  it("knows nothing until the snapshot, then everything", () => {
    const greeted = after([hello({ station: "Ward 3" })]);
    expect(greeted.known).toBe(false);
    expect(greeted.catchingUp).toBe(true);
    const ward = after([snapshot({ beds: [bed(), bed({ id: "2" })], station_alarms: [alarm()] })], greeted);
    expect(ward.known).toBe(true);
    expect(ward.catchingUp).toBe(false);
    expect([...ward.beds.keys()]).toEqual(["1", "2"]);
    expect(ward.stationAlarms).toHaveLength(1);
  });

  it("keeps what it knew over a resumed link, and takes the past as the past", () => {
    const missed = reading({ time: T0 + 1_000, spo2: 91 });
    const again = after([hello({ time: T0 + 60_000 }), missed], live, 60_000);
    expect(again.catchingUp).toBe(true);
    expect(bedOf(again).reading?.spo2).toBe(91);
    expect(60_000 - (bedOf(again).sampledAt ?? 0)).toBe(59_000);
    expect(after([{ type: "resumed", from: 2, to: 9 }], again).catchingUp).toBe(false);
  });

  it("counts a span that is not to be had, and starts from the snapshot that follows", () => {
    const ward = after(
      [{ type: "gap", from: 1, to: 9, reason: "expired" }, snapshot({ beds: [bed({ id: "7" })] })],
      live,
    );
    expect(ward.gaps).toBe(1);
    expect([...ward.beds.keys()]).toEqual(["7"]);
  });
});

describe("the beds", () => {
  it("stand in the order in which people count them, whatever comes first", () => {
    const ward = after([snapshot({ beds: ["10", "icu-1", "2", "1"].map((id) => bed({ id })) })], live);
    expect([...ward.beds.keys()]).toEqual(["1", "2", "10", "icu-1"]);
    const more = after([{ type: "bed", bed: bed({ id: "3" }) }], ward);
    expect([...more.beds.keys()]).toEqual(["1", "2", "3", "10", "icu-1"]);
  });

  it("do not move because of an alarm", () => {
    const ward = after([snapshot({ beds: [bed(), bed({ id: "2" })] })], live);
    const alarmed = after([alarmMessage({ bed: "2", priority: "high" })], ward);
    expect([...alarmed.beds.keys()]).toEqual(["1", "2"]);
  });

  it("change with their view and go when they are removed", () => {
    const admitted = after([{ type: "bed", bed: bed({ patient: { id: "P-1", name: null } }) }], live);
    expect(bedOf(admitted).patient?.id).toBe("P-1");
    expect(after([{ type: "bed_removed", bed: "1" }], admitted).beds.size).toBe(0);
  });

  it("that are unknown are not made up from a reading or an alarm", () => {
    const ward = after([reading({ bed: "9" }), alarmMessage({ bed: "9" })], live);
    expect(ward.beds.has("9")).toBe(false);
  });
});

describe("a reading", () => {
  it("replaces the numbers and is as old as its sample", () => {
    const ward = after([reading({ time: T0 + 1_000, spo2: 93 })], live, 1_200);
    expect(bedOf(ward).reading?.spo2).toBe(93);
    expect(bedOf(ward).sampledAt).toBeCloseTo(1_000, -1);
  });

  it("that is stale does not make the last sample look younger", () => {
    const fresh = after([reading({ time: T0 + 1_000 })], live, 1_000);
    const stale = after([reading({ time: T0 + 3_000, status: ["stale"] })], fresh, 3_000);
    expect(bedOf(stale).sampledAt).toBe(1_000);
  });

  it("teaches how often the sensor speaks, except over an interruption", () => {
    const slow = after(
      [reading({ time: T0 + 2_000 }), reading({ time: T0 + 4_000 })],
      after([reading({ time: T0 })], live),
    );
    expect(bedOf(slow).period).toBe(2_000);
    const interrupted = after(
      [reading({ time: T0 + 6_000, status: ["stale"] }), reading({ time: T0 + 14_000 })],
      slow,
    );
    expect(bedOf(interrupted).period).toBe(2_000);
  });
});

describe("an alarm", () => {
  it("starts, changes and ends as one instance", () => {
    const started = after([alarmMessage()], live);
    expect(bedOf(started).alarms).toHaveLength(1);
    const worse = after([alarmMessage({ worst: 82, message: "SpO2 82 < 90" })], started);
    expect(bedOf(worse).alarms.map((each) => each.worst)).toEqual([82]);
    const acknowledged = after([alarmMessage({ acknowledged: { by: "Tablet 1", time: T0 } })], worse);
    expect(bedOf(acknowledged).alarms[0]?.acknowledged?.by).toBe("Tablet 1");
    expect(bedOf(after([alarmMessage({ state: "cleared" })], acknowledged)).alarms).toEqual([]);
  });

  it("of the patient is never hidden behind one of the equipment", () => {
    const ward = after(
      [
        alarmMessage({ id: "a-1", condition: "sensor_disconnected", since: T0 + 9_000 }),
        alarmMessage({ id: "a-2", condition: "spo2_low", since: T0 }),
        alarmMessage({ id: "a-3", condition: "spo2_desat", priority: "high", since: T0 }),
        alarmMessage({ id: "a-4", condition: "low_battery", priority: "low", since: T0 + 9_000 }),
      ],
      live,
    );
    expect(bedOf(ward).alarms.map((each) => each.id)).toEqual(["a-3", "a-2", "a-1", "a-4"]);
  });

  it("of the station belongs to no bed", () => {
    const ward = after([alarmMessage({ bed: null, condition: "storage_failed" })], live);
    expect(ward.stationAlarms).toHaveLength(1);
    expect(bedOf(ward).alarms).toEqual([]);
    expect(after([alarmMessage({ bed: null, state: "cleared" })], ward).stationAlarms).toEqual([]);
  });

  it("or an event that says the clock was moved starts the station's time anew", () => {
    const back = T0 - 3_600_000;
    const ward = after([alarmMessage({ bed: null, condition: "clock_jumped", time: back })], live, 5_000);
    const read = after([reading({ time: back + 100 })], ward, 5_100);
    expect(bedOf(read).sampledAt).toBe(5_100);
    const told = after([event("clock_jumped", {}, { bed: null, time: back })], live, 5_000);
    expect(bedOf(after([reading({ time: back + 100 })], told, 5_100)).sampledAt).toBe(5_100);
  });
});

describe("a high alarm that ended before anybody answered", () => {
  const high = { priority: "high", state: "active" } as const;
  const latching = after([
    hello({
      site: { latch_high: true, audio_off: false, alarm_off: false, escalation_s: null, sound: true },
    }),
    snapshot(),
    alarmMessage(high),
  ]);

  it("stays until somebody acknowledges it, where the site has it so", () => {
    const ended = after([alarmMessage({ ...high, state: "cleared" })], latching);
    expect(bedOf(ended).alarms).toEqual([]);
    expect(bedOf(ended).latched.map((each) => each.id)).toEqual(["a-17"]);
    const seen = { ...high, state: "cleared", acknowledged: { by: "Ada", time: T0 } } as const;
    expect(bedOf(after([alarmMessage(seen)], ended)).latched).toEqual([]);
  });

  it("does not stay elsewhere, nor if it was answered or of lower priority", () => {
    const ended = alarmMessage({ ...high, state: "cleared" });
    expect(bedOf(after([alarmMessage(high), ended], live)).latched).toEqual([]);
    const answered = alarmMessage({ ...ended, acknowledged: { by: "Ada", time: T0 } });
    expect(bedOf(after([answered], latching)).latched).toEqual([]);
    expect(bedOf(after([alarmMessage({ state: "cleared" })], latching)).latched).toEqual([]);
  });
});

describe("an alarm that nobody answers", () => {
  it("is known to have called others as soon as the station says so", () => {
    const told = event("escalated", { alarms: ["a-17"], step: 2, priority: "high" });
    expect(bedOf(after([alarmMessage(), told], live)).announcement).toEqual({ priority: "high", step: 2 });
  });
});

describe("the station's own alarm that nobody answers", () => {
  const mute = alarmMessage({ bed: null, id: "a-9", condition: "sound_failed" });
  const told = event("escalated", { alarms: ["a-9"], step: 1, priority: "high" }, { bed: null });

  it("is announced as more urgent until it is answered", () => {
    const called = after([mute, told], live);
    expect(called.stationCalls.get("a-9")).toEqual({ priority: "high", step: 1 });
    const answered = alarmMessage({ ...mute, acknowledged: { by: "Ada", time: T0 } });
    expect(after([answered], called).stationCalls.size).toBe(0);
  });
});

describe("a test of the station's sound", () => {
  it("is kept with what came of it", () => {
    const tested = (result: string) =>
      after([event("sound_tested", { priority: "high", device: "hw:0", result }, { bed: null })], live);
    expect(tested("played").soundTest).toMatchObject({ priority: "high", failure: null });
    expect(tested("No output device.").soundTest?.failure).toBe("No output device.");
  });
});

describe("the rest of what a station says", () => {
  it("is kept for the settings page or leaves the ward as it was", () => {
    expect(
      after(
        [
          { type: "dropped", waves: 12 },
          { type: "dropped", waves: 3 },
        ],
        live,
      ).droppedWaves,
    ).toBe(15);
    expect(after([{ type: "error", code: "x", message: "What?" }], live).complaint).toBe("What?");
    const same: StationMessage[] = [
      { type: "wave", bed: "1", time: T0, rate: 60, samples: [1] },
      { type: "event", seq: 9, bed: "1", time: T0, kind: "note", by: null, detail: null },
      { type: "reply", id: "c1", ok: true, accepted: false, result: {}, error: null },
    ];
    expect(after(same, live)).toBe(live);
    expect(after([{ type: "heartbeat", time: T0 + 2_000, seq: 5 }], live, 2_000).beds).toBe(live.beds);
  });
});
