/** Draws one number's trend with uPlot: its mean, the band from least to greatest, and the limits as a pale ground. */

import "./language";
import uPlot from "uplot";
import type { Curve } from "./curves";
import { alone, type Columns } from "./series";

/** What the charts that stand together have in common. */
export interface Frame {
  /** CSS px. */
  readonly height: number;
  /** Names the charts whose hands move together. */
  readonly together: string;
  /** What is written below the axis at a second. */
  readonly label: (second: number) => string;
  /** Whether seconds are times of day; if not they are counted from the start. */
  readonly ofDay: boolean;
  /** A second that is marked by a line from top to bottom; `null`: none. */
  readonly marked?: () => number | null;
}

/** The limits of a number; `null` is off. */
export interface LimitBand {
  readonly low: number | null;
  readonly high: number | null;
}

/** Steps of an axis that counts from the start, s. */
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800];

// The columns of a chart: 0 is the time, 1 the mean.
const MIN = 2;
const MAX = 3;

/** A chart in `host`, as wide as it. */
export function drawChart(
  host: HTMLElement,
  curve: Curve,
  limits: () => LimitBand,
  frame: Frame,
  pointed: (index: number | null) => void,
): uPlot {
  const colour = (name: string) => getComputedStyle(host).getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: () => colour("--quiet"),
    font: '12px "Inter Variable", sans-serif',
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const edge: uPlot.Series = { points: { show: false }, width: 0, spanGaps: false };
  const options: uPlot.Options = {
    width: Math.max(100, host.clientWidth),
    height: frame.height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, sync: { key: frame.together } },
    scales: {
      x: { time: frame.ofDay },
      y: {
        range: (_chart, least, most) => [
          Math.floor(Math.min(curve.range[0], (least ?? curve.range[0]) - 2) / 5) * 5,
          Math.min(curve.ceiling, Math.ceil(Math.max(curve.range[1], (most ?? curve.range[1]) + 2) / 5) * 5),
        ],
      },
    },
    axes: [
      {
        ...axis,
        space: 70,
        values: (_chart, splits) => splits.map(frame.label),
        ...(frame.ofDay ? {} : { incrs: STEPS }),
      },
      { ...axis, size: 42, space: 26 },
    ],
    series: [
      {},
      {
        label: curve.label,
        stroke: () => colour(curve.line),
        width: 2,
        spanGaps: false,
        points: {
          show: false,
          size: 4,
          fill: () => colour(curve.line),
          filter: (chart, series) => alone(chart.data[series] ?? []),
        },
      },
      edge,
      edge,
    ],
    bands: [{ series: [MAX, MIN], fill: () => colour(curve.band) }],
    hooks: {
      drawClear: [(chart) => groundWithin(chart, limits(), colour("--within"))],
      draw: [(chart) => markAt(chart, frame.marked?.() ?? null, colour("--text"))],
      setCursor: [(chart) => pointed(chart.cursor.idx ?? null)],
    },
  };
  return new uPlot(options, [[], [], [], []], host);
}

/** Shows other data from `from` to `to` (seconds). */
export function setColumns(chart: uPlot, data: Columns, from: number, to: number): void {
  chart.batch(() => {
    chart.setData([data.x, data.mean, data.min, data.max], false);
    chart.setScale("x", { min: from, max: to });
  });
}

/** Pales the ground between the limits. */
function groundWithin(chart: uPlot, { low, high }: LimitBand, fill: string): void {
  // With neither limit nothing is within: a recording from a sensor's memory was watched by nobody.
  if (low === null && high === null) return;
  const { left, top, width, height } = chart.bbox;
  const y = (value: number | null, open: number) =>
    value === null || Number.isNaN(value)
      ? open
      : Math.min(top + height, Math.max(top, chart.valToPos(value, "y", true)));
  const upper = y(high, top);
  const lower = y(low, top + height);
  chart.ctx.save();
  chart.ctx.fillStyle = fill;
  chart.ctx.fillRect(left, upper, width, Math.max(0, lower - upper));
  chart.ctx.restore();
}

/** Marks a moment. */
function markAt(chart: uPlot, second: number | null, stroke: string): void {
  if (second === null) return;
  const { top, height, left, width } = chart.bbox;
  const x = chart.valToPos(second, "x", true);
  if (x < left || x > left + width) return;
  chart.ctx.save();
  chart.ctx.strokeStyle = stroke;
  chart.ctx.lineWidth = 2 * devicePixelRatio;
  chart.ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  chart.ctx.beginPath();
  chart.ctx.moveTo(x, top);
  chart.ctx.lineTo(x, top + height);
  chart.ctx.stroke();
  chart.ctx.restore();
}
