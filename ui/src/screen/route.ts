/** Which view the address names. In the hash, so that it works from inside the window's program too. */

/** A view of the app. */
export type Route =
  | { readonly view: "ward" }
  /** With `at`: its trend is open at that moment of the station's clock, ms, and stands still. */
  | { readonly view: "bed"; readonly bed: string; readonly at: number | null }
  /** What the bed's sensor keeps in its own memory. */
  | { readonly view: "recordings"; readonly bed: string }
  /** What would have alarmed at the bed with other limits. */
  | { readonly view: "what-if"; readonly bed: string }
  /** The alarms of a span, of one bed or of the ward (`null`). */
  | { readonly view: "alarms"; readonly bed: string | null }
  /** One alarm from its start to its end. */
  | { readonly view: "alarm"; readonly alarm: string }
  /** How many alarms there were, and of which bed. */
  | { readonly view: "load" }
  /** Who is connected. */
  | { readonly view: "screens" }
  | { readonly view: "settings" }
  | { readonly view: "about" };

const OF_BED: readonly string[] = ["recordings", "what-if"] satisfies Route["view"][];
const ALONE: readonly string[] = ["load", "screens", "settings", "about"] satisfies Route["view"][];

/** Reads the hash of an address; anything unknown is the ward, never an empty page. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  const asked = new URLSearchParams(query);
  const [first = "", encoded = "", third = ""] = path.split("/");
  let second: string;
  try {
    second = decodeURIComponent(encoded);
  } catch {
    return { view: "ward" };
  }
  if (first === "bed" && second !== "") {
    return OF_BED.includes(third)
      ? { view: third as "recordings" | "what-if", bed: second }
      : { view: "bed", bed: second, at: momentOf(asked.get("at")) };
  }
  if (first === "alarm" && second !== "") return { view: "alarm", alarm: second };
  if (first === "alarms") return { view: "alarms", bed: asked.get("bed") };
  if (ALONE.includes(first)) return { view: first as "load" | "screens" | "settings" | "about" };
  return { view: "ward" };
}

const momentOf = (text: string | null): number | null =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** The hash of a bed's view. */
export const bedHash = (bed: string): string => `#/bed/${encodeURIComponent(bed)}`;

/** The hash of a bed's view with its trend at the moment `at`, ms. */
export const momentHash = (bed: string, at: number): string => `${bedHash(bed)}?at=${Math.round(at)}`;

/** The hash of the recordings in a bed's sensor. */
export const recordingsHash = (bed: string): string => `${bedHash(bed)}/recordings`;

/** The hash of what other limits would have given at a bed. */
export const whatIfHash = (bed: string): string => `${bedHash(bed)}/what-if`;

/** The hash of the alarms of a bed, or of the ward. */
export const alarmsHash = (bed: string | null): string =>
  bed === null ? "#/alarms" : `#/alarms?bed=${encodeURIComponent(bed)}`;

/** The hash of one alarm. */
export const alarmHash = (alarm: string): string => `#/alarm/${encodeURIComponent(alarm)}`;
