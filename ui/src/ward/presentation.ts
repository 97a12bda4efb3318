/** How the alarms of one bed share the one line there is for them. */

import type { Alarm, Priority } from "../protocol/bed";
import { isPhysiological } from "./ward";

/** How long each of several alarms is shown. */
export const TURN_MS = 2_000;

/** What the alarm line shows. */
export interface Presentation {
  /** The alarm whose turn it is. */
  readonly alarm: Alarm;
  /** Which of them it is, from 1. */
  readonly turn: number;
  readonly count: number;
}

/**
 * The alarm whose turn it is; `null` without an alarm.
 *
 * The turn depends on nothing but `now`, so that all tiles and screens change together.
 */
export function present(alarms: readonly Alarm[], now: number): Presentation | null {
  if (alarms.length === 0) return null;
  const turn = Math.floor(now / TURN_MS) % alarms.length;
  const alarm = alarms[turn];
  return alarm === undefined ? null : { alarm, turn: turn + 1, count: alarms.length };
}

/** The fill of a surface and whether it flashes. */
export interface Fill {
  readonly priority: Priority;
  /** How it flashes: at the rate of the most urgent alarm that nobody acknowledged; `null` is steady. */
  readonly flash: "high" | "medium" | null;
}

/** The fill that `alarms` give: the most urgent one's colour, steady once all are acknowledged. */
export function fill(alarms: readonly Alarm[]): Fill | null {
  const top = alarms[0];
  if (top === undefined) return null;
  const calling = alarms.find((alarm) => alarm.acknowledged === null)?.priority;
  return { priority: top.priority, flash: calling === "high" || calling === "medium" ? calling : null };
}

/** The number that an alarm is about. */
export function measureOf(alarm: Alarm): "spo2" | "pulse" | null {
  if (!isPhysiological(alarm.condition)) return null;
  return alarm.condition.startsWith("spo2") ? "spo2" : "pulse";
}
