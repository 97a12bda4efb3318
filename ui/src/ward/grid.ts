/** How the tiles share the screen. */

/** Columns and the size of each tile, CSS px. */
export interface Grid {
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  /** The tiles do not all fit at a size that can be read: the ward scrolls rather than shrink the digits. */
  readonly scrolls: boolean;
}

/** Between tiles. */
export const GAP_PX = 10;
/** The shape in which a tile reads best. */
const BEST = { width: 480, height: 440 };
/** Below this its numbers are not to be read from a step away. */
const LEAST = { width: 300, height: 312 };

/** The grid that gives `beds` tiles the most room on `width` x `height`. */
export function grid(beds: number, width: number, height: number): Grid {
  const tile = (columns: number) => {
    const rows = Math.ceil(beds / columns);
    return {
      columns,
      width: Math.floor((width - GAP_PX * (columns - 1)) / columns),
      height: Math.floor((height - GAP_PX * (rows - 1)) / rows),
      scrolls: false,
    };
  };
  const fits = Array.from({ length: Math.max(1, beds) }, (_, index) => tile(index + 1))
    .filter((each) => each.width >= LEAST.width && each.height >= LEAST.height)
    .sort((a, b) => size(b) - size(a))[0];
  if (fits !== undefined) return fits;
  const columns = Math.max(1, Math.min(beds, Math.floor((width + GAP_PX) / (LEAST.width + GAP_PX))));
  return { ...tile(columns), height: LEAST.height, scrolls: true };
}

const size = (each: Grid): number => Math.min(each.width / BEST.width, each.height / BEST.height);
