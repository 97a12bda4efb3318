import { describe, expect, it } from "vitest";
import { decode, decodeAlarm, decodeBed } from "./decode";

const said = (message: unknown) => decode(JSON.stringify(message));

describe("what the station says", () => {
  it("is read message by message", () => {
    expect(
      said({
        type: "hello",
        protocol: "oxiward.v1",
        station: "Ward 3",
        version: "0.1.0",
        epoch: "0f6c",
        seq: 1041,
        role: "nurse",
        time: 1,
        demo: false,
      }),
    ).toMatchObject({ type: "hello", epoch: "0f6c", role: "nurse" });
    expect(said({ type: "wave", bed: "1", time: 1, rate: 60, samples: [64, 66] })).toMatchObject({
      samples: [64, 66],
    });
    expect(said({ type: "resumed", from: 1000, to: 1041 })).toEqual({
      type: "resumed",
      from: 1000,
      to: 1041,
    });
    expect(said({ type: "bed_removed", bed: "1" })).toEqual({ type: "bed_removed", bed: "1" });
    expect(said({ type: "heartbeat", time: 5, seq: 6 })).toEqual({ type: "heartbeat", time: 5, seq: 6 });
  });

  it("never turns an absent number into a value", () => {
    expect(said({ type: "reading", seq: 1, bed: "1", time: 1, spo2: "97", pulse_rate: null })).toMatchObject({
      spo2: null,
      pulse_rate: null,
      perfusion_index: null,
      signal_strength: null,
      status: [],
    });
  });

  it("gives no fresh look to a reading whose age is not told", () => {
    const bed = decodeBed({ id: "1", reading: { time: 1, spo2: 97 } });
    expect(bed.reading?.age_s).toBe(Number.POSITIVE_INFINITY);
  });

  it("treats a priority that it does not know as high", () => {
    expect(decodeAlarm({ id: "a-1", priority: "critical" }).priority).toBe("high");
  });

  it("carries a refusal in the station's words", () => {
    const error = { code: "forbidden", message: "A viewer may not do this." };
    expect(said({ type: "reply", id: "c1", ok: false, error })).toMatchObject({ ok: false, error });
  });

  it("ignores what it does not understand", () => {
    expect(said({ type: "something_new" })).toBeNull();
    expect(decode("not json")).toBeNull();
    expect(said(null)).toBeNull();
    expect(said({ type: "reading", seq: 1 })).toBeNull();
  });

  it("reads a bed of an older station, which tells less of its sensor", () => {
    const older = decodeBed({ id: "1", sensor: { state: "live", port: "COM3" } });
    expect(older.found).toBe(false);
    expect(older.sensor).toMatchObject({ adapter: null, question: null, download: null, capture: null });
  });

  it("reads what an older station does not tell as nothing of it", () => {
    expect(decodeBed({ id: "1" })).toMatchObject({
      preset_differs: [],
      latched: [],
      pending: [],
      off: null,
      announcement: null,
    });
    expect(said({ type: "hello" })).toMatchObject({
      run: null,
      site: { latch_high: false, audio_off: false, alarm_off: false, escalation_s: null, sound: true },
    });
  });

  it("reads how a bed is signalled", () => {
    const told = {
      preset_differs: ["spo2_low"],
      latched: [{ id: "a-3", priority: "high", state: "cleared" }],
      pending: [{ condition: "spo2_low", fraction: 1.4 }],
      off: { what: "alarms", by: "Ada", since: 5 },
      announcement: { priority: "medium", step: 1 },
    };
    const bed = decodeBed({ id: "1", ...told });
    expect(bed).toMatchObject({ ...told, pending: [{ condition: "spo2_low", fraction: 1 }] });
  });

  it("reads the run of the station and what its site allows", () => {
    const run = { since: 9, down_s: 14.2, clean: false, last_alive: 3 };
    const site = { latch_high: true, audio_off: true, alarm_off: false, escalation_s: 60, sound: false };
    expect(said({ type: "hello", run, site })).toMatchObject({ run, site });
  });

  it("reads where a sensor is plugged in and what it is doing", () => {
    const adapter = { name: "FT232R USB UART", usb: "0403:6001", serial: null, place: "usb 1-1.2" };
    const download = { recording: 2, of: 3, seconds: 1_200, of_seconds: null, by: "anna", waiting: true };
    const capture = { file: "bed-1-20261121-101500.capture", since: 5, bytes: 1_234 };
    const sensor = { state: "live", adapter, question: "Is it this one?", download, capture };
    const bed = decodeBed({ id: "1", found: true, sensor });
    expect(bed.found).toBe(true);
    expect(bed.sensor).toMatchObject({ adapter, question: "Is it this one?", download, capture });
  });
});
