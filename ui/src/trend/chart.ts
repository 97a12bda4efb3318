/** Draws one number's trend with uPlot: its mean, the band from least to greatest, and the limits as a pale ground. */

import "./language";
import uPlot from "uplot";
import type { Columns } from "./series";
import { minuteOfDay } from "../wording/numbers";

/** What a chart shows of one number. */
export interface Curve {
  readonly label: string;
  /** The colour variables of its line and its band. */
  readonly line: string;
  readonly band: string;
  /** The least range of its axis; grows where the values go beyond. */
  readonly range: readonly [number, number];
  /** The greatest value the axis can reach. */
  readonly ceiling: number;
}

/** The limits of a number; `null` is off. */
export interface LimitBand {
  readonly low: number | null;
  readonly high: number | null;
}

// The columns of a chart: 0 is the time, 1 the mean.
const MIN = 2;
const MAX = 3;

/** A chart in `host`, as wide as it. */
export function drawChart(
  host: HTMLElement,
  curve: Curve,
  limits: () => LimitBand,
  height: number,
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
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 }, sync: { key: "trend" } },
    scales: {
      y: {
        range: (_chart, least, most) => [
          Math.floor(Math.min(curve.range[0], (least ?? curve.range[0]) - 2) / 5) * 5,
          Math.min(curve.ceiling, Math.ceil(Math.max(curve.range[1], (most ?? curve.range[1]) + 2) / 5) * 5),
        ],
      },
    },
    axes: [
      { ...axis, space: 70, values: (_chart, splits) => splits.map((second) => minuteOfDay(second * 1000)) },
      { ...axis, size: 42, space: 26 },
    ],
    series: [
      {},
      {
        label: curve.label,
        stroke: () => colour(curve.line),
        width: 2,
        spanGaps: false,
        points: { show: false },
      },
      edge,
      edge,
    ],
    bands: [{ series: [MAX, MIN], fill: () => colour(curve.band) }],
    hooks: {
      drawClear: [(chart) => groundWithin(chart, limits(), colour("--within"))],
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
