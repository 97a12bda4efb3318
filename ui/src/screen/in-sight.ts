/** Which alarms stand on the page where somebody could see them now. */

const NOTHING: ReadonlySet<string> = new Set();

/** The ids of the alarms in sight; none while the page itself is out of sight. */
export function alarmsInSight(): ReadonlySet<string> {
  if (document.visibilityState !== "visible") return NOTHING;
  const found = [...document.querySelectorAll<HTMLElement>("[data-shows-alarm]")].filter((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return bottom >= 0 && right >= 0 && top <= innerHeight && left <= innerWidth;
  });
  return new Set(found.map((element) => element.dataset["showsAlarm"] ?? ""));
}
