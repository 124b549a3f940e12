// The simulated flights of the demo: a board of departures around the present, each flight followed by another when it is over.

import type { Ask } from './demo.js';
import type { Logger } from './logger.js';

/** Airline, number, from, to. Mostly short ways, so that the board does not fill up with aircraft in the air. */
const flights = [
  ['KL', '1009', 'AMS', 'LHR'],
  ['SK', '1415', 'ARN', 'CPH'],
  ['LH', '1026', 'FRA', 'CDG'],
  ['TP', '1356', 'LIS', 'LHR'],
  ['UA', '1736', 'SFO', 'LAX'],
  ['DL', '123', 'ATL', 'LAX'],
  ['BA', '304', 'LHR', 'CDG'],
  ['AF', '1340', 'CDG', 'AMS'],
  ['LX', '1070', 'ZRH', 'FRA'],
  ['OS', '229', 'VIE', 'BER'],
  ['SQ', '106', 'SIN', 'KUL'],
  ['IB', '3166', 'MAD', 'LHR'],
  ['AY', '831', 'HEL', 'ARN'],
  ['B6', '717', 'JFK', 'BOS'],
  ['AC', '707', 'YYZ', 'LGA'],
  ['NH', '215', 'HND', 'ICN'],
] as const;

const minuteMs = 60_000;
const scheduleStepMs = 5 * minuteMs;
/** The first board: some have just left, some board, some are hours ahead. */
const firstMinutesAhead = -35;
const spacingMinutes = 11;
/** Whoever is over comes back at the end of the board. */
const nextMinutesAhead = 140;

/** Tracks every sample flight that is not under way. */
export const keepFlights = async (ask: Ask, logger: Logger): Promise<void> => {
  const [{ body: active }, { body: stats }] = await Promise.all([ask('/flights/active?limit=1000'), ask('/stats')]);
  const known =
    (active as { flights?: readonly { carrierCode: string; flightNumber: string }[] } | null)?.flights ?? [];
  const numbers = new Set(known.map(({ flightNumber }) => flightNumber));
  const now = Date.parse((stats as { flights: { sourceTime: string } }).flights.sourceTime);
  const isFirst = numbers.size === 0;
  for (const [index, [carrierCode, number, departureAirport, arrivalAirport]] of flights.entries()) {
    const flightNumber = `${carrierCode}${number}`;
    if (numbers.has(flightNumber)) continue;
    const minutesAhead = isFirst ? firstMinutesAhead + index * spacingMinutes : nextMinutesAhead;
    const { status } = await ask('/flights/track', {
      carrierCode,
      flightNumber,
      departureAirport,
      arrivalAirport,
      scheduledDeparture: new Date(
        Math.ceil((now + minutesAhead * minuteMs) / scheduleStepMs) * scheduleStepMs,
      ).toISOString(),
    });
    if (status >= 400) logger.warn({ status, flight: flightNumber }, 'demo flight not tracked');
  }
};
