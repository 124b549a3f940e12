// The derived fields of a flight as pure functions of its facts and the time. Nothing here is ever accepted as input.

import type { Facts, Status } from './flight.js';
import { beforeDeparture, type Phase } from './phases.js';

const minuteMs = 60_000;
/** A delayed flight counts as delayed until it is this much under the threshold, so that 14 and 15 minutes do not flap. */
export const hysteresisMinutes = 3;

/** Whole minutes from one time to another, toward zero. */
const minutesBetween = (from: string, to: string): number =>
  Math.trunc((Date.parse(to) - Date.parse(from)) / minuteMs) || 0;

/** Minutes of delay at departure, `null` when there is nothing to compare. Gate times first, then take-off. */
export const departureDelay = (facts: Facts): number | null => {
  const time = facts.actualDeparture ?? facts.estimatedDeparture ?? facts.actualOff;
  return time === undefined || facts.scheduledDeparture === undefined
    ? null
    : minutesBetween(facts.scheduledDeparture, time);
};

export const arrivalDelay = (facts: Facts): number | null => {
  const time = facts.actualArrival ?? facts.estimatedArrival ?? facts.actualOn;
  return time === undefined || facts.scheduledArrival === undefined
    ? null
    : minutesBetween(facts.scheduledArrival, time);
};

/** What a delay says by itself: `null` between the two thresholds, where the last clear word counts. */
export const clearlyDelayed = (delayMinutes: number, thresholdMinutes: number): boolean | null => {
  if (delayMinutes >= thresholdMinutes) return true;
  return delayMinutes < thresholdMinutes - hysteresisMinutes ? false : null;
};

/** When the clock alone makes a flight that has not left a delayed one, in Unix ms. */
export const delayedByClockAt = (scheduledDeparture: string, thresholdMinutes: number): number =>
  Date.parse(scheduledDeparture) + thresholdMinutes * minuteMs;

export interface DelayQuestion {
  readonly facts: Facts & { readonly scheduledDeparture: string; readonly phase: Phase };
  readonly delayMinutes: number | null;
  /** The last clear word on the delay, by the provider's time. */
  readonly lastClear: boolean;
  readonly thresholdMinutes: number;
  readonly now: number;
}

export const isDelayed = ({ facts, delayMinutes, lastClear, thresholdMinutes, now }: DelayQuestion): boolean => {
  if (beforeDeparture(facts.phase) && now >= delayedByClockAt(facts.scheduledDeparture, thresholdMinutes)) return true;
  if (delayMinutes === null) return false;
  return clearlyDelayed(delayMinutes, thresholdMinutes) ?? lastClear;
};

export const statusOf = (phase: Phase, delayed: boolean): Status =>
  phase === 'scheduled' ? (delayed ? 'delayed' : 'on-time') : phase;
