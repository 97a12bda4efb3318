/** Which view the address names. In the hash, so that it works from inside the window's program too. */

/** A view of the app. */
export type Route =
  | { readonly view: "ward" }
  | { readonly view: "bed"; readonly bed: string }
  /** What the bed's sensor keeps in its own memory. */
  | { readonly view: "recordings"; readonly bed: string }
  | { readonly view: "settings" }
  | { readonly view: "about" };

/** Reads the hash of an address; anything unknown is the ward, never an empty page. */
export function routeOf(hash: string): Route {
  const [first, second, third] = hash.replace(/^#?\/?/, "").split("/");
  if (first === "bed" && second !== undefined && second !== "") {
    try {
      return { view: third === "recordings" ? third : "bed", bed: decodeURIComponent(second) };
    } catch {
      return { view: "ward" };
    }
  }
  if (first === "settings" || first === "about") return { view: first };
  return { view: "ward" };
}

/** The hash of a bed's view. */
export const bedHash = (bed: string): string => `#/bed/${encodeURIComponent(bed)}`;

/** The hash of the recordings in a bed's sensor. */
export const recordingsHash = (bed: string): string => `${bedHash(bed)}/recordings`;
