// How often a flight is asked about, and when asking ends: the table of docs/flights.md, "Tracking", as pure functions.

import type { Flight } from './flight.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const cruiseIntervalMs = 3 * minuteMs;
export const cancelledIntervalMs = 15 * minuteMs;
const afterArrivalMs = 30 * minuteMs;
const afterCancelledMs = 2 * hourMs;
/** Off block this long without news of a take-off: the source gives no runway times, so it counts as flying. */
const longestTaxiMs = 45 * minuteMs;
/** When nothing is ever heard of an arrival, neither where it was planned nor elsewhere. */
const divertedGiveUpMs = 6 * hourMs;
const giveUpMs = 24 * hourMs;

/** Before departure: from which lead on, how often. The last row is the base interval. */
const leadTable: readonly { readonly moreThanMs: number; readonly intervalMs: number }[] = [
  { moreThanMs: 24 * hourMs, intervalMs: 30 * minuteMs },
  { moreThanMs: 4 * hourMs, intervalMs: 10 * minuteMs },
  { moreThanMs: hourMs, intervalMs: 3 * minuteMs },
];
const approachMs = 40 * minuteMs;

const departureOf = (flight: Flight): number => Date.parse(flight.estimatedDeparture ?? flight.scheduledDeparture);
const arrivalOf = (flight: Flight): number => Date.parse(flight.estimatedArrival ?? flight.scheduledArrival);

const isCruising = (flight: Flight, now: number): boolean => {
  if (flight.actualOn !== undefined || now >= arrivalOf(flight) - approachMs) return false;
  const out = flight.actualDeparture === undefined ? departureOf(flight) : Date.parse(flight.actualDeparture);
  return flight.actualOff !== undefined || now - out > longestTaxiMs;
};

/** The interval at `now` (the source's time) before jitter; never shorter than the base. */
export const pollIntervalMs = (flight: Flight, now: number, baseMs: number): number => {
  switch (flight.phase) {
    case 'scheduled':
    case 'boarding': {
      const lead = departureOf(flight) - now;
      return Math.max(baseMs, leadTable.find((row) => lead > row.moreThanMs)?.intervalMs ?? baseMs);
    }
    case 'departed':
      return isCruising(flight, now) ? Math.max(baseMs, cruiseIntervalMs) : baseMs;
    case 'diverted':
    case 'arrived':
      return Math.max(baseMs, cruiseIntervalMs);
    case 'cancelled':
      return Math.max(baseMs, cancelledIntervalMs);
  }
};

/** When a flight is over and tracking it completed, in the source's time. */
export const trackingEndsAt = (flight: Flight): number => {
  const landed = flight.actualArrival ?? flight.actualOn;
  switch (flight.phase) {
    case 'arrived':
      return (landed === undefined ? arrivalOf(flight) : Date.parse(landed)) + afterArrivalMs;
    case 'diverted':
      return landed === undefined ? arrivalOf(flight) + divertedGiveUpMs : Date.parse(landed) + afterArrivalMs;
    case 'cancelled':
      return Date.parse(flight.scheduledDeparture) + afterCancelledMs;
    default:
      return Math.max(departureOf(flight), arrivalOf(flight)) + giveUpMs;
  }
};
