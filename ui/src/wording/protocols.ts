/** The wire protocols by the names that stand on devices, and what a sensor of each can be asked to do. */

/** What `auto` is for a person. */
export const AUTO = "auto";

const NAMES: readonly (readonly [string, string])[] = [
  [AUTO, "Found by listening"],
  ["cms50", "Contec CMS50, 5 bytes"],
  ["contec-v7", "Contec V7, 9 bytes"],
  ["berry", "Berry, BCI"],
  ["nonin-df1", "Nonin format 1"],
  ["nonin-df2", "Nonin format 2"],
  ["nonin-df7", "Nonin format 7"],
  ["nonin-df8", "Nonin format 8"],
  ["nonin-ascii", "Nonin, text lines"],
  ["masimo-ascii", "Masimo, text lines"],
  ["nellcor-ascii", "Nellcor, text lines"],
];

/** What can be chosen for a bed, with its words. */
export const PROTOCOLS: readonly { readonly name: string; readonly label: string }[] = NAMES.map(
  ([name, label]) => ({ name, label: `${label} (${name})` }),
);

/** A protocol in words; one of a newer station by its own name. */
export function protocolName(protocol: string): string {
  return NAMES.find(([name]) => name === protocol)?.[1] ?? protocol;
}

/** A Nonin sensor can be told which of these to send; what else it can send, it cannot be told. */
const NONIN_FORMATS: readonly string[] = ["nonin-df2", "nonin-df7", "nonin-df8"];

const isNonin = (protocol: string): boolean => protocol === "nonin-df1" || NONIN_FORMATS.includes(protocol);

/** The formats that a sensor of `protocol` can be told to send in place of it; none where it has but one. */
export function formatsBeside(protocol: string | null): readonly string[] {
  if (protocol === null || !isNonin(protocol)) return [];
  return NONIN_FORMATS.filter((each) => each !== protocol);
}

/** Whether a sensor of `protocol` may have a clock that can be set; a model without one is refused by the station. */
export function mayHaveClock(protocol: string | null): boolean {
  return protocol !== null && (protocol === "contec-v7" || isNonin(protocol));
}
