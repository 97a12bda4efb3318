/** How long to wait before the next attempt to reach the station. */

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * Milliseconds to wait after `failures` attempts in a row that failed (0: none yet).
 *
 * Doubles from 0.5 s to 10 s. The upper half is left to chance, so that the tablets of a ward do not all come
 * back in the same moment after the station was restarted.
 *
 * @param chance a number from 0 (included) to 1 (excluded)
 */
export function backoff(failures: number, chance: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.max(FIRST_MS, Math.round(ceiling * (0.5 + 0.5 * chance)));
}
