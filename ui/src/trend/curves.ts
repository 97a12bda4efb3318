/** The two numbers that are drawn over time, each in its colour and with its axis. Apart from the chart, which is loaded late. */

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

/** Oxygen saturation, %. */
export const SPO2: Curve = {
  label: "SpO₂",
  line: "--spo2",
  band: "--band",
  range: [80, 100],
  ceiling: 100,
};

/** Pulse rate, beats per minute. */
export const PULSE: Curve = {
  label: "Pulse",
  line: "--pulse",
  band: "--pulse-band",
  range: [40, 120],
  ceiling: 330,
};
