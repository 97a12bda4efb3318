/** Messages for tests: whole and valid, each with what the test at hand cares about put in. */

import type { Alarm, Bed } from "./bed";
import type { AlarmMessage, EventMessage, Hello, ReadingMessage, Snapshot } from "./messages";

/** A greeting. */
export const hello = (given: Partial<Hello> = {}): Hello => ({
  type: "hello",
  protocol: "oxiward.v1",
  station: "Ward 3",
  version: "0.1.0",
  epoch: "0f6c",
  seq: 0,
  role: "nurse",
  time: 1_793_180_000_000,
  demo: false,
  run: null,
  site: { latch_high: false, audio_off: false, alarm_off: false, escalation_s: null, sound: true },
  ...given,
});

/** A bed with a live sensor and fresh numbers. */
export const bed = (given: Partial<Bed> = {}): Bed => ({
  id: "1",
  name: "Bed 1",
  patient: null,
  sensor: {
    state: "live",
    port: "/dev/ttyUSB0",
    protocol: "contec-v7",
    model: "CMS50D+",
    since: 1_793_180_000_000,
    message: null,
    adapter: null,
    question: null,
    download: null,
    capture: null,
  },
  reading: {
    time: 1_793_180_000_000,
    age_s: 0.1,
    spo2: 97,
    pulse_rate: 72,
    perfusion_index: 3.21,
    signal_strength: 0.8,
    status: [],
  },
  limits: {
    spo2_low: 90,
    spo2_desat: 80,
    spo2_high: null,
    pulse_low: 50,
    pulse_high: 120,
    delay_s: 15,
    area_delay: null,
  },
  audio: { paused_until: null, by: null },
  alarms: [],
  preset_differs: [],
  latched: [],
  pending: [],
  off: null,
  announcement: null,
  history_from: null,
  demo: false,
  found: false,
  ...given,
});

/** Everything there is to see. */
export const snapshot = (given: Partial<Snapshot> = {}): Snapshot => ({
  type: "snapshot",
  seq: 0,
  beds: [bed()],
  station_alarms: [],
  ...given,
});

/** New numbers of bed 1. */
export const reading = (given: Partial<ReadingMessage> = {}): ReadingMessage => ({
  type: "reading",
  seq: 1,
  bed: "1",
  time: 1_793_180_001_000,
  spo2: 96,
  pulse_rate: 74,
  perfusion_index: null,
  signal_strength: 0.7,
  status: [],
  ...given,
});

/** An active alarm of medium priority. */
export const alarm = (given: Partial<Alarm> = {}): Alarm => ({
  id: "a-17",
  time: 1_793_180_001_500,
  condition: "spo2_low",
  priority: "medium",
  state: "active",
  since: 1_793_180_001_500,
  value: 86,
  worst: 85,
  limit: 90,
  acknowledged: null,
  message: "SpO2 85 < 90",
  ...given,
});

/** The message of an alarm of bed 1. */
export const alarmMessage = (given: Partial<AlarmMessage> = {}): AlarmMessage => ({
  type: "alarm",
  seq: 2,
  bed: "1",
  ...alarm(),
  ...given,
});

/** Something worth a line in the log, at bed 1. */
export const event = (
  kind: string,
  detail: unknown = {},
  given: Partial<EventMessage> = {},
): EventMessage => ({
  type: "event",
  seq: 5,
  bed: "1",
  time: 1_793_180_002_000,
  kind,
  by: null,
  detail,
  ...given,
});
