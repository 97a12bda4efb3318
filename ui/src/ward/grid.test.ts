import { describe, expect, it } from "vitest";
import { grid } from "./grid";

describe("the tiles of a ward", () => {
  it("fill a full HD screen: one whole, two side by side, eight in two rows of four", () => {
    expect(grid(1, 1900, 900)).toMatchObject({ columns: 1, scrolls: false });
    expect(grid(2, 1900, 900)).toMatchObject({ columns: 2, scrolls: false });
    expect(grid(8, 1900, 900)).toMatchObject({ columns: 4, scrolls: false });
  });

  it("stand below each other on an upright tablet", () => {
    expect(grid(2, 780, 1_100).columns).toBe(1);
    expect(grid(6, 780, 1_100).columns).toBe(2);
  });

  it("scroll rather than shrink their digits when they do not fit", () => {
    const many = grid(64, 1_900, 900);
    expect(many.scrolls).toBe(true);
    expect(many.width).toBeGreaterThanOrEqual(300);
    expect(many.height).toBeGreaterThanOrEqual(300);
  });

  it("never need more width than there is", () => {
    for (let beds = 0; beds <= 70; beds += 1) {
      const tiles = grid(beds, 1_280, 700);
      expect(tiles.columns * tiles.width + (tiles.columns - 1) * 10).toBeLessThanOrEqual(1_280);
    }
  });
});
