// `contrail.flights`: the flight board as embedding code handles it. What is written is on disk, and on the boards, when its promise resolves.

import { z } from '@hono/zod-openapi';
import type { Facts, Flight, Tracking } from '../flights/flight.js';
import type { Flights } from '../flights/flights.js';
import type { FlightHistory } from '../flights/history.js';
import { checked } from '../http/checked.js';
import { actorOf, type By } from './arguments.js';

/** A leg to track, by as much as is known of it: `flightNumber` at least, with the airline's code or `carrierCode`. Times are RFC 3339. */
export interface TrackFlight
  extends Omit<Facts, 'actualDeparture' | 'actualOff' | 'actualOn' | 'actualArrival' | 'phase' | 'phaseReason'> {
  /** Made from the leg unless given. */
  readonly flightId?: string;
  readonly carrierCode?: string;
  readonly flightNumber: string;
  /** IATA codes. */
  readonly departureAirport?: string;
  readonly arrivalAirport?: string;
  /** Boards to be on beside `main`. */
  readonly boards?: readonly string[];
  /** User ids of those who are notified of changes. */
  readonly watchers?: readonly string[];
  /** `simulator`, `aeroapi` or `push`; the server's default unless given. */
  readonly source?: string;
}

/** Values that win over the source until they are cleared by `null`, or until `until`. */
export type FlightUpdate = { readonly [Name in keyof Facts]?: Facts[Name] | null } & {
  readonly until?: string;
  /** Allows any move; needs a reason. */
  readonly force?: boolean;
  readonly reason?: string;
};

export interface FlightCalls {
  /** Tracking the same leg twice gives the same flight. Rejects with `bad-request`, or `ambiguous-flight` with the legs that match. */
  track(flight: TrackFlight, by?: By): Promise<Flight>;
  /** Ends tracking; its history stays. May be repeated. Rejects with `not-found`, as everything below does. */
  stop(flightId: string, by?: By): Promise<Flight>;
  /** Rejects with `illegal-move` (extra: from, to, allowed). */
  update(flightId: string, update: FlightUpdate, by?: By): Promise<Flight>;
  /** Oldest first; `next` goes on as `after`. */
  history(flightId: string, page?: { readonly after?: number; readonly limit?: number }): Promise<FlightHistory>;
  /** What is tracked now, by flight id. */
  active(page?: { readonly after?: string; readonly limit?: number }): readonly Flight[];
  count(): Readonly<Record<Tracking, number>>;
}

const flightIdSchema = z.string().min(1).max(128);
const limitSchema = z.number().int().min(1).max(1000).optional();
const activePage = z.strictObject({ after: flightIdSchema.optional(), limit: limitSchema });
const historyPage = z.strictObject({ after: z.number().int().min(0).optional(), limit: limitSchema });

export const flightCalls = (flights: Flights): FlightCalls => ({
  track: async (flight, by) => (await flights.track(flight, actorOf(by))).flight,
  stop: async (flightId, by) => flights.stop(checked(flightIdSchema, flightId), actorOf(by)),
  update: async (flightId, update, by) => flights.update(checked(flightIdSchema, flightId), update, actorOf(by)),
  history: async (flightId, page = {}) =>
    flights.history(checked(flightIdSchema, flightId), present(checked(historyPage, page))),
  active: (page = {}) => flights.active(present(checked(activePage, page))),
  count: () => flights.count(),
});

/** Without members that are `undefined`. */
const present = <T extends object>(page: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(page).filter(([, value]) => value !== undefined)) as never;
