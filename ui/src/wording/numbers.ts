/** How numbers are written. What is not known is written `---`, never as a number. */

/** Stands where a number would. */
export const MISSING = "---";

/** A whole number. */
export function whole(value: number | null | undefined): string {
  return typeof value === "number" && Number.isFinite(value) ? String(Math.round(value)) : MISSING;
}

/** A perfusion index: two decimals, as the sensors give it. */
export function perfusion(value: number | null | undefined): string {
  return typeof value === "number" && Number.isFinite(value) ? value.toFixed(2) : MISSING;
}

/** An age: `1.8 s`, `42 s`, `3 min`, `2 h`; `---` where there is none. */
export function age(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}

/** What is left of a pause, `1:43`. Never below `0:00`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A time of day on this screen's clock, `12:31:05`. */
export function timeOfDay(time: number | null): string {
  if (time === null || !Number.isFinite(time)) return "--:--:--";
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A time of day without seconds, `12:31`. */
export function minuteOfDay(time: number | null): string {
  return timeOfDay(time).slice(0, 5);
}

/** A date and time of day on this screen's clock, `2026-11-20 12:31`: in this order it is read one way only. */
export function dateAndTime(time: number | null): string {
  if (time === null || !Number.isFinite(time)) return MISSING;
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${minuteOfDay(time)}`;
}

/** `12:31` for a time of today, with its date for any other: a state that lasts must not look as of today. */
export function momentOf(time: number | null, now: number = Date.now()): string {
  const whole = dateAndTime(time);
  return whole.slice(0, 10) === dateAndTime(now).slice(0, 10) ? minuteOfDay(time) : whole;
}

/** A date and time of day to the second, `2026-11-20 12:31:05`. */
export function dateAndSecond(time: number | null): string {
  if (time === null || !Number.isFinite(time)) return MISSING;
  return `${dateAndTime(time).slice(0, 10)} ${timeOfDay(time)}`;
}

/** How often: one decimal below ten, `3.1`, else whole, `42`. */
export function rate(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return MISSING;
  return Math.abs(value) < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

/** Less than this is too short to tell how many there are in a day, s. */
const LEAST_OF_A_DAY = 3_600;

/** How often in a day, told only of what was watched for an hour at least: two alarms in a minute are no 2880 a day. */
export function perDay(value: number | null, watched_s: number | null): string {
  return watched_s === null || watched_s < LEAST_OF_A_DAY ? MISSING : rate(value);
}

/** A share of 0 to 1 in per cent, `57 %`. */
export function share(value: number | null): string {
  return value === null || !Number.isFinite(value) ? MISSING : `${Math.round(value * 100)} %`;
}

/** The size of a file: `812 B`, `1.2 kB`, `34.0 MB`. */
export function size(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return MISSING;
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How full the bar of a perfusion index is, 0 to 1: 0.02 % to 20 %, each tenfold a third of the bar. */
export function perfusionFill(value: number): number {
  const least = Math.log10(0.02);
  const most = Math.log10(20);
  return Math.min(1, Math.max(0, (Math.log10(Math.max(value, 0.001)) - least) / (most - least)));
}

/** `Maria Muster` as `M. M.`, for screens that visitors see. */
export function initials(name: string): string {
  return name
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map((part) => `${[...part][0]?.toUpperCase() ?? ""}.`)
    .join(" ");
}
