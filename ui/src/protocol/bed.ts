/**
 * The bed object and what it is made of, as the station sends them (docs/ref: WebSocket, HTTP).
 *
 * A number that the sensor did not give is `null`, never 0 and never the last value.
 */

/** Milliseconds since the Unix epoch, UTC, by the station's clock. */
export type WallTime = number;

/** How a bed's sensor stands. */
export type SensorState = "none" | "opening" | "searching" | "live" | "silent" | "disconnected";

/** One word of a reading's `status`. */
export type Status =
  | "no_finger"
  | "searching"
  | "low_perfusion"
  | "artifact"
  | "weak_signal"
  | "low_battery"
  | "stale"
  | "disconnected";

/** What the sensor measured. */
export interface Numbers {
  /** Oxygen saturation, whole %. */
  readonly spo2: number | null;
  /** Beats per minute. */
  readonly pulse_rate: number | null;
  /** %, two decimals. */
  readonly perfusion_index: number | null;
  /** 0 to 1. */
  readonly signal_strength: number | null;
}

/** The set of numbers shown for a bed from `time` on. */
export interface Reading extends Numbers {
  readonly time: WallTime;
  readonly status: readonly Status[];
}

/** A reading inside a bed object: with the age of the newest sample behind it, in seconds. */
export interface AgedReading extends Reading {
  readonly age_s: number;
}

/** How urgent an alarm is. */
export type Priority = "high" | "medium" | "low";

/** Who took an alarm in hand, and when. */
export interface Acknowledgement {
  readonly by: string;
  readonly time: WallTime;
}

/** One instance of one condition, as it stands now. */
export interface Alarm {
  readonly id: string;
  readonly time: WallTime;
  /** A word of the contract; a newer station may know more of them, so it is not a closed set here. */
  readonly condition: string;
  readonly priority: Priority;
  readonly state: "active" | "cleared";
  readonly since: WallTime;
  readonly value: number | null;
  readonly worst: number | null;
  readonly limit: number | null;
  readonly acknowledged: Acknowledgement | null;
  /** What a person is told, such as `SpO2 85 < 90`. */
  readonly message: string;
}

/** Who lies in the bed. */
export interface Patient {
  readonly id: string;
  readonly name: string | null;
}

/** The adapter between the sensor and the computer, as the operating system tells it. */
export interface Adapter {
  readonly name: string | null;
  /** Vendor and product, such as `0403:6001`. */
  readonly usb: string | null;
  /** The adapter's own serial number; many have none. */
  readonly serial: string | null;
  /** The socket that it is plugged into, such as `usb 1-1.2`. */
  readonly place: string | null;
}

/** Stored recordings on their way out of a sensor. */
export interface Download {
  /** Which of those asked for is being sent, from 1. */
  readonly recording: number;
  readonly of: number;
  /** How much of it has come, in seconds of the recording. */
  readonly seconds: number;
  /** How long it is; `null` where the sensor does not say so beforehand. */
  readonly of_seconds: number | null;
  readonly by: string;
  /** The sensor is unplugged; it goes on when the sensor is back. */
  readonly waiting: boolean;
}

/** The bytes of a sensor are being kept in a file. */
export interface RunningCapture {
  readonly file: string;
  readonly since: WallTime | null;
  readonly bytes: number | null;
}

/** What is known of a bed's sensor. */
export interface Sensor {
  readonly state: SensorState;
  readonly port: string | null;
  readonly protocol: string | null;
  readonly model: string | null;
  readonly since: WallTime | null;
  /** What is wrong and what to do about it; `null` when nothing is. */
  readonly message: string | null;
  /** `null` where there is none, or where an older station does not tell. */
  readonly adapter: Adapter | null;
  /** A question to a person: what answers here is not what was here before. */
  readonly question: string | null;
  readonly download: Download | null;
  readonly capture: RunningCapture | null;
}

/** The limits and delays of a bed. A value equal to its limit is within it. */
export interface Limits {
  readonly spo2_low: number;
  readonly spo2_desat: number;
  /** `null`: off. */
  readonly spo2_high: number | null;
  readonly pulse_low: number;
  readonly pulse_high: number;
  /** Seconds beyond a limit before it alarms. */
  readonly delay_s: number;
  /** %·s below `spo2_low` before it alarms; `null`: `delay_s` governs. */
  readonly area_delay: number | null;
}

/** A delay that runs: how much of it is over. How long it still takes is not known, for the value may turn. */
export interface Pending {
  readonly condition: string;
  /** 0 to 1. */
  readonly fraction: number;
}

/** What an admin turned off at a bed, until somebody turns it on again. */
export interface Off {
  /** `audio`: nothing sounds. `alarms`: nothing sounds and nothing flashes; alarms are recorded all the same. */
  readonly what: "audio" | "alarms";
  readonly by: string;
  readonly since: WallTime | null;
}

/** As what a bed's alarms are to be heard now. */
export interface Announced {
  readonly priority: Priority;
  /** How many times others were called because nobody answered; 0: not yet. */
  readonly step: number;
}

/** Whether the bed's sound is paused. */
export interface Audio {
  readonly paused_until: WallTime | null;
  readonly by: string | null;
}

/** Everything that is to be seen of a bed at one moment. */
export interface Bed {
  readonly id: string;
  readonly name: string;
  readonly patient: Patient | null;
  readonly sensor: Sensor;
  readonly reading: AgedReading | null;
  readonly limits: Limits;
  readonly audio: Audio;
  readonly alarms: readonly Alarm[];
  /** The limits that are not those of the ward preset. */
  readonly preset_differs: readonly string[];
  /** Alarms that ended and that nobody has acknowledged, the newest first. */
  readonly latched: readonly Alarm[];
  readonly pending: readonly Pending[];
  readonly off: Off | null;
  /** `null`: nothing is to be heard of this bed. */
  readonly announcement: Announced | null;
  /** Nothing older is shown: it belongs to a patient who has left. */
  readonly history_from: WallTime | null;
  /** Whether its sensor is simulated. */
  readonly demo: boolean;
  /** The station made it by itself for a sensor on a port that nobody had named, and nobody has named it yet. */
  readonly found: boolean;
}
