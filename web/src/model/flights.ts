// Flights: the live ones from the shared map, tracking and history over REST.

import { computed } from '@preact/signals';
import type { Flight } from '../../../src/client/flights.js';
import { person } from './identity.js';
import { callJson } from './rest.js';
import { connection } from './session.js';

export type { Flight } from '../../../src/client/flights.js';

export interface FlightUpdate {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly source: string;
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

/** In order of departure. */
export const flights = computed(() => {
  const records = connection.value?.flights.all.value;
  const list = records ? [...records.values()].map((record) => record as unknown as Flight) : [];
  return list.sort((a, b) =>
    a.scheduledDeparture === b.scheduledDeparture
      ? a.flightId.localeCompare(b.flightId)
      : a.scheduledDeparture < b.scheduledDeparture
        ? -1
        : 1,
  );
});

export const designator = ({ carrierCode, flightNumber }: Pick<Flight, 'carrierCode' | 'flightNumber'>): string =>
  `${carrierCode} ${flightNumber.startsWith(carrierCode) ? flightNumber.slice(carrierCode.length) : flightNumber}`;

/** `on-time` as people write it. */
export const statusWords = (status: string): string =>
  `${status.charAt(0).toUpperCase()}${status.slice(1)}`.replaceAll('-', ' ');

const at = (id: string): string => `/flights/${encodeURIComponent(id)}`;
export const trackFlight = (body: object): Promise<Flight> => callJson('/flights/track', { method: 'POST', body });
export const stopFlight = (id: string): Promise<unknown> => callJson(`${at(id)}/stop`, { method: 'POST' });
/** Whether one's bell rings when the flight changes. */
export const watchFlight = (id: string, on: boolean): Promise<{ readonly watching: boolean }> => {
  const me = person.peek()?.id ?? '';
  return callJson(`${at(id)}/watch`, { method: 'POST', body: on ? { add: [me] } : { remove: [me] } });
};
export const updateFlight = (id: string, body: object): Promise<Flight> => callJson(at(id), { method: 'PATCH', body });
export const flightHistory = async (id: string): Promise<readonly FlightUpdate[]> =>
  (await callJson<{ updates: FlightUpdate[] }>(`${at(id)}/history`)).updates;
