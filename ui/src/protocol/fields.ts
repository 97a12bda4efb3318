/** What a parsed JSON value holds; what is absent or of another kind is `null`, never a value that stands for it. */

/** The fields of an object. */
export type Fields = Record<string, unknown>;

/** The fields of `value`; none if it is no object. */
export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A number. */
export const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** A text. */
export const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The members of a list; none if it is no list. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
