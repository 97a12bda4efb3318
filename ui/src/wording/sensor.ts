/** How a sensor stands, in words, with what to do about it. */

import type { Download, Numbers, Sensor, Status, WallTime } from "../protocol/bed";
import { timeOfDay, whole } from "./numbers";

/** One thing to say about a sensor. */
export interface Remark {
  readonly text: string;
  /** What to do; `null` where there is nothing to do. */
  readonly remedy: string | null;
  /** `absent`: there are no numbers because of it; `doubt`: the numbers are less certain; `well`: nothing is wrong. */
  readonly weight: "absent" | "doubt" | "well";
}

const at = (sensor: Sensor): string => (sensor.port === null ? "" : ` (${sensor.port})`);

function ofState(sensor: Sensor): Remark | null {
  switch (sensor.state) {
    case "none":
      return { text: "No sensor", remedy: "Plug in an oximeter.", weight: "absent" };
    case "opening":
      return { text: `Opening the port${at(sensor)}`, remedy: null, weight: "absent" };
    case "searching":
      return {
        text: `Listening for an oximeter${at(sensor)}`,
        remedy: "Switch the oximeter on.",
        weight: "absent",
      };
    case "silent":
      return {
        text: `The sensor is silent${at(sensor)}`,
        remedy: "Check that the oximeter is on and its cable is firm, or press Reset sensor.",
        weight: "absent",
      };
    case "disconnected":
      return {
        text: `Sensor disconnected${at(sensor)}`,
        remedy: "Check the cable. The station opens the port again by itself.",
        weight: "absent",
      };
    case "live":
      return null;
  }
}

const OF_STATUS: readonly (readonly [Status, Remark])[] = [
  ["disconnected", { text: "Sensor disconnected", remedy: "Check the cable.", weight: "absent" }],
  [
    "stale",
    { text: "No data from the sensor", remedy: "Check the oximeter and its cable.", weight: "absent" },
  ],
  ["no_finger", { text: "Probe off", remedy: "Put the probe on a finger.", weight: "absent" }],
  ["searching", { text: "Searching for a pulse", remedy: "Keep the hand still.", weight: "absent" }],
  ["artifact", { text: "Motion: numbers less certain", remedy: "Keep the hand still.", weight: "doubt" }],
  [
    "low_perfusion",
    {
      text: "Low perfusion: numbers less certain",
      remedy: "Warm the hand or try another finger.",
      weight: "doubt",
    },
  ],
  ["weak_signal", { text: "Weak signal: numbers less certain", remedy: "Move the probe.", weight: "doubt" }],
  ["low_battery", { text: "Sensor battery low", remedy: "Charge or change it.", weight: "doubt" }],
];

function ofDownload(download: Download): Remark {
  const which = `recording ${download.recording} of ${download.of}`;
  return download.waiting
    ? {
        text: `Waiting: sensor unplugged (${which})`,
        remedy: "Plug the sensor in: fetching goes on.",
        weight: "absent",
      }
    : {
        text: `No live numbers: the sensor sends ${which}`,
        remedy: "Look at the oximeter meanwhile.",
        weight: "absent",
      };
}

/**
 * The most important thing to say about a sensor.
 *
 * @param status of the newest reading
 */
export function remark(sensor: Sensor, status: readonly Status[]): Remark {
  // Before the state: that nothing comes is wanted here, and must not be told as a fault.
  if (sensor.download !== null) return ofDownload(sensor.download);
  const state = ofState(sensor);
  if (state !== null)
    return sensor.message === null ? state : { ...state, text: sensor.message, remedy: null };
  const found = OF_STATUS.find(([word]) => status.includes(word))?.[1];
  // Whose numbers these are comes before how good they are.
  if (sensor.question !== null && found?.weight !== "absent")
    return { text: "Whose sensor?", remedy: sensor.question, weight: "doubt" };
  if (found !== undefined) return found;
  if (sensor.message !== null) return { text: sensor.message, remedy: null, weight: "doubt" };
  return { text: describe(sensor), remedy: null, weight: "well" };
}

/** The formats that carry numbers and no pulse wave. */
const WITHOUT_WAVE: readonly string[] = [
  "masimo-ascii",
  "nellcor-ascii",
  "nonin-ascii",
  "nonin-df1",
  "nonin-df8",
];

/** Whether a sensor sends its pulse wave, as far as is known. */
export function sendsWave(sensor: Sensor): boolean {
  return sensor.protocol === null || !WITHOUT_WAVE.includes(sensor.protocol);
}

/** What stands where the wave was while the station is not heard: the last that was known, as the past it is. */
export function unlinked(last: Numbers | null, heardAt: WallTime | null): Remark {
  const heard = `Last heard ${timeOfDay(heardAt)}`;
  const known = last !== null && (last.spo2 !== null || last.pulse_rate !== null);
  return {
    text: "Link lost",
    remedy: known ? `${heard}: SpO₂ ${whole(last.spo2)} %, pulse ${whole(last.pulse_rate)} /min` : heard,
    weight: "absent",
  };
}

/** Which sensor it is: model, protocol and port, as far as known. */
export function describe(sensor: Sensor): string {
  const known = [sensor.model ?? sensor.protocol, sensor.port].filter((part) => part !== null);
  return known.length === 0 ? "Sensor" : known.join(" · ");
}
