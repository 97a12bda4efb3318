/** That the station was down, in words. */

import type { Run } from "../protocol/messages";
import { dateAndSecond, timeOfDay } from "./numbers";

const two = (value: number): string => String(value).padStart(2, "0");

/** `00:14`, `1:02:03`: minutes and seconds, with hours where there are any. */
function span(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:` : ""}${two(minutes)}:${two(whole % 60)}`;
}

/** What every screen says after a start of the station; `null` where it is not known to have been down. */
export function downInWords(run: Run | null, now: number = Date.now()): string | null {
  if (run === null || run.down_s === null || run.down_s <= 0) return null;
  const from = run.last_alive ?? run.since - run.down_s * 1000;
  const day = (time: number) => dateAndSecond(time).slice(0, 10);
  const today = day(from) === day(run.since) && day(from) === day(now);
  const when = today
    ? `${timeOfDay(from)}–${timeOfDay(run.since)}`
    : `${dateAndSecond(from)} – ${dateAndSecond(run.since)}`;
  const unclean = run.clean === false ? " It had not been stopped on purpose." : "";
  return `The station was down ${span(run.down_s)} (${when}). Nothing was measured meanwhile.${unclean}`;
}
