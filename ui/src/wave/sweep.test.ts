import { describe, expect, it } from "vitest";
import { Playout } from "./playout";
import { WaveRing } from "./ring";
import { Sweep, type Pen } from "./sweep";

/** Remembers what was drawn. */
class Paper {
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 0;
  lineJoin: CanvasLineJoin = "miter";
  lineCap: CanvasLineCap = "butt";
  wiped: { x: number; width: number }[] = [];
  lines: { from: number; to: number }[] = [];
  #at = 0;

  fillRect(x: number, _y: number, width: number): void {
    this.wiped.push({ x, width });
  }
  beginPath(): void {}
  stroke(): void {}
  setTransform(): void {}
  moveTo(x: number): void {
    this.#at = x;
  }
  lineTo(x: number): void {
    this.lines.push({ from: this.#at, to: x });
    this.#at = x;
  }
  clean(): void {
    this.wiped = [];
    this.lines = [];
  }
}

const WIDTH = 300;
/** px a second: a round takes three seconds. */
const SPEED = 100;

function bench() {
  const paper = new Paper();
  const ring = new WaveRing();
  const playout = new Playout();
  const sweep = new Sweep(paper as unknown as Pen, ring, playout, { ground: "g", trace: "t" }, SPEED);
  sweep.resize(WIDTH, 60, 1);
  const feed = (time: number, count: number) => {
    ring.feed({ time, rate: 50, samples: Array.from({ length: count }, (_, index) => 40 + (index % 20)) });
    playout.arrived(ring.due, ring.due);
  };
  paper.clean();
  return { paper, sweep, feed, ring };
}

describe("the sweep", () => {
  it("draws only what is new in each frame", () => {
    const { paper, sweep, feed } = bench();
    feed(0, 50);
    sweep.frame(1_000);
    expect(paper.lines.length).toBeGreaterThan(30);
    paper.clean();
    sweep.frame(1_033);
    expect(paper.lines.length).toBeLessThan(4);
  });

  it("wipes a bar ahead of the pen and nothing behind it", () => {
    const { paper, sweep, feed } = bench();
    feed(0, 50);
    sweep.frame(1_000);
    paper.clean();
    sweep.frame(1_040);
    const pen = ((1_040 - 150) / 1000) * SPEED;
    expect(paper.wiped).toHaveLength(1);
    expect(paper.wiped[0]?.x).toBeGreaterThan(pen);
  });

  it("draws no line across a gap, and the bar wipes on over it", () => {
    const { paper, sweep, feed } = bench();
    feed(0, 25);
    sweep.frame(650);
    feed(1_500, 25);
    paper.clean();
    for (let now = 680; now <= 2_150; now += 33) sweep.frame(now);
    expect(paper.lines.length).toBeGreaterThan(10);
    for (const { from, to } of paper.lines) expect(to - from).toBeLessThan(3);
    const gap = paper.lines.filter(({ from, to }) => from < 140 && to > 60);
    expect(gap).toEqual([]);
    expect(paper.wiped.length).toBeGreaterThan(40);
  });

  it("draws no line back across the screen when it goes round", () => {
    const { paper, sweep, feed } = bench();
    for (let time = 0; time < 5_000; time += 100) {
      feed(time, 5);
      sweep.frame(time + 100);
    }
    for (const { from, to } of paper.lines) expect(to).toBeGreaterThanOrEqual(from);
    expect(paper.lines.some(({ to }) => to > 290)).toBe(true);
  });

  it("starts on a clean sheet after it was hidden for a whole round", () => {
    const { paper, sweep, feed } = bench();
    feed(0, 50);
    sweep.frame(1_000);
    feed(1_000, 400);
    paper.clean();
    sweep.frame(9_000);
    expect(paper.wiped).toContainEqual({ x: 0, width: WIDTH });
  });
});

describe("after the patient left", () => {
  it("nothing of the last trace stays on the sheet", () => {
    const { paper, sweep, feed, ring } = bench();
    feed(0, 50);
    sweep.frame(1_000);
    ring.clear();
    paper.clean();
    sweep.frame(1_033);
    expect(paper.wiped).toContainEqual({ x: 0, width: WIDTH });
    expect(paper.lines).toEqual([]);
  });
});
