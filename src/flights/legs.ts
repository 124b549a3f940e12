// Legs: what makes two of them the same, and the ids of flights made from them (docs/flights.md, "The record").

import type { Leg } from './flight.js';

/** What a caller knows of a leg before it has been found: the designator, and any of the rest. */
export interface LegQuery extends Partial<Leg> {
  readonly carrierCode: string;
  readonly flightNumber: string;
}

/** Two departures further apart than this are two legs, even if all else is equal. */
const sameLegToleranceMs = 60_000;

/** Carrier and number as printed on a ticket, `DL123`, however the number was written. */
export const designator = ({ carrierCode, flightNumber }: Pick<Leg, 'carrierCode' | 'flightNumber'>): string =>
  flightNumber.startsWith(carrierCode) && flightNumber.length > carrierCode.length
    ? flightNumber
    : carrierCode + flightNumber;

const sameText = (a: string, b: string): boolean => a.localeCompare(b, 'en', { sensitivity: 'base' }) === 0;

/** Whether a place fits: by airport where both name one, by city otherwise. Nothing asked fits everything. */
const fitsPlace = (
  asked: { readonly airport: string | undefined; readonly city: string | undefined },
  leg: { readonly airport: string | undefined; readonly city: string },
): boolean => {
  if (asked.airport !== undefined && leg.airport !== undefined) return asked.airport === leg.airport;
  return asked.city === undefined || sameText(asked.city, leg.city);
};

/** Whether a leg is one of those a query may mean. */
export const fitsQuery = (query: LegQuery, leg: Leg): boolean =>
  designator(query) === designator(leg) &&
  fitsPlace(
    { airport: query.departureAirport, city: query.departureCity },
    { airport: leg.departureAirport, city: leg.departureCity },
  ) &&
  fitsPlace(
    { airport: query.arrivalAirport, city: query.arrivalCity },
    { airport: leg.arrivalAirport, city: leg.arrivalCity },
  ) &&
  (query.scheduledDeparture === undefined ||
    Math.abs(Date.parse(query.scheduledDeparture) - Date.parse(leg.scheduledDeparture)) <= sameLegToleranceMs);

export const sameLeg = (a: Leg, b: Leg): boolean => fitsQuery(a, b);

/** A query that names all that a leg needs, as that leg; `null` when something is missing. */
export const completeLeg = (query: LegQuery): Leg | null => {
  const { departureCity, arrivalCity, scheduledDeparture, scheduledArrival } = query;
  if (!departureCity || !arrivalCity || !scheduledDeparture || !scheduledArrival) return null;
  return { ...query, departureCity, arrivalCity, scheduledDeparture, scheduledArrival };
};

const placeInId = (airport: string | undefined, city: string): string =>
  airport ??
  (city
    .normalize('NFD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(0, 16) ||
    'X');

/** `20261122-DL123-ATL-LAX`; the day is that of the scheduled departure in UTC. */
export const flightIdOf = (leg: Leg): string => {
  const day = leg.scheduledDeparture.slice(0, 10).replaceAll('-', '');
  const from = placeInId(leg.departureAirport, leg.departureCity);
  const to = placeInId(leg.arrivalAirport, leg.arrivalCity);
  return `${day}-${designator(leg)}-${from}-${to}`;
};

/** The first of `id`, `id-2`, `id-3` … that is free. */
export const freeFlightId = (id: string, isTaken: (id: string) => boolean): string => {
  let candidate = id;
  for (let count = 2; isTaken(candidate); count += 1) candidate = `${id}-${count}`;
  return candidate;
};
