/** How the alarms of one bed share the one line there is for them. */

import type { Alarm, Priority } from "../protocol/bed";
import { isPhysiological, RANK, type BedState } from "./ward";

/** The active alarms that a bed's screens signal: none while they are turned off. */
export function signalled(bed: Pick<BedState, "alarms" | "off">): readonly Alarm[] {
  return bed.off?.what === "alarms" ? [] : bed.alarms;
}

/** What the bed's alarm line shows in turn: what is active, then what ended without an answer. */
export function lineOf(bed: Pick<BedState, "alarms" | "latched" | "off">): readonly Alarm[] {
  return bed.off?.what === "alarms" ? [] : [...bed.alarms, ...bed.latched];
}

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

/**
 * The fill that `alarms` give: the most urgent one's colour, steady once all are acknowledged or ended.
 *
 * @param announced as what they are announced, where that has risen because nobody answered: it sets the pace
 */
export function fill(alarms: readonly Alarm[], announced: Priority | null | undefined = null): Fill | null {
  const top = alarms[0];
  if (top === undefined) return null;
  const waiting = alarms.find((alarm) => alarm.acknowledged === null && alarm.state === "active")?.priority;
  const risen =
    waiting !== undefined && announced !== null && announced !== undefined && RANK[announced] < RANK[waiting];
  const calling = risen ? announced : waiting;
  return { priority: top.priority, flash: calling === "high" || calling === "medium" ? calling : null };
}

/** The number that an alarm is about. */
export function measureOf(alarm: Alarm): "spo2" | "pulse" | null {
  if (!isPhysiological(alarm.condition)) return null;
  return alarm.condition.startsWith("spo2") ? "spo2" : "pulse";
}
