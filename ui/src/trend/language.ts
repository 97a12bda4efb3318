/**
 * Makes the browser's language one that can be formatted with.
 *
 * A WebKitGTK window started under the locale `C`, as by a kiosk or a service, calls its language "C", which is no
 * language tag; uPlot hands it to `Intl` when it is loaded, and the whole app would stay blank. So this is imported
 * before uPlot.
 */

/** The language of `navigator`, or English where `Intl` refuses it. */
export function usableLanguage(given: string): string {
  try {
    new Intl.NumberFormat(given);
    return given;
  } catch {
    return "en";
  }
}

if (typeof navigator !== "undefined" && usableLanguage(navigator.language) !== navigator.language) {
  Object.defineProperty(navigator, "language", { value: usableLanguage(navigator.language) });
}
