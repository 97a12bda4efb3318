/** How the sound of the station's computer is told. */

import type { Output, Sound, SoundTest } from "../protocol/sound";
import { dateAndSecond } from "./numbers";

/** What people know an output by. */
export const outputName = ({ name, description }: Output): string => description ?? name;

/** The name of the output called `name`, where it is listed. */
export function outputCalled(name: string, devices: readonly Output[]): string {
  const found = devices.find((each) => each.name === name);
  return found === undefined ? name : outputName(found);
}

/** What would be heard now. */
export function soundInWords(sound: Sound): string {
  if (!sound.enabled) return "The settings of this computer say that it sounds no alarms.";
  if (sound.playing_on === null) return "No alarm would be heard at the station.";
  const on = outputCalled(sound.playing_on, sound.devices);
  return sound.works
    ? `Alarms sound at the station on ${on}.`
    : `Alarms would sound on ${on}, not as they should.`;
}

/** A test of the log. */
export function testInWords(test: SoundTest, devices: readonly Output[]): string {
  const on = test.device === null ? "" : ` on ${outputCalled(test.device, devices)}`;
  const which = test.priority ?? "unknown";
  const came = test.result === "played" ? `played${on}` : `not heard${on}: ${test.result}`;
  return `${dateAndSecond(test.time)}, ${which} priority, ${test.by ?? "nobody named"}: ${came}`;
}
