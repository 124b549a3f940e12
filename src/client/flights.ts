// Flights in a stock client's own Y.Doc, typed: read them, and hear what changed. Runs in browsers; the server alone writes them.

import type * as Y from 'yjs';

export type FlightPhase = 'scheduled' | 'boarding' | 'departed' | 'arrived' | 'cancelled' | 'diverted';
export type FlightStatus = 'on-time' | 'delayed' | Exclude<FlightPhase, 'scheduled'>;

/** A flight as boards show it; all times are RFC 3339, UTC. */
export interface Flight {
  readonly flightId: string;
  readonly carrierCode: string;
  readonly flightNumber: string;
  readonly callsign?: string;
  readonly codeshares?: readonly string[];
  readonly departureCity: string;
  readonly arrivalCity: string;
  /** IATA codes. */
  readonly departureAirport?: string;
  readonly arrivalAirport?: string;
  /** Gate times. */
  readonly scheduledDeparture: string;
  readonly estimatedDeparture?: string;
  readonly actualDeparture?: string;
  readonly scheduledArrival: string;
  readonly estimatedArrival?: string;
  readonly actualArrival?: string;
  /** Take-off and touch-down. */
  readonly actualOff?: string;
  readonly actualOn?: string;
  readonly terminal?: string;
  readonly gate?: string;
  readonly arrivalTerminal?: string;
  readonly arrivalGate?: string;
  readonly baggageBelt?: string;
  readonly aircraft?: string;
  readonly phase: FlightPhase;
  readonly phaseReason?: string;
  readonly source: string;
  readonly sourceUpdatedAt: string;
  /** Manual values by field. */
  readonly overrides?: Readonly<Record<string, { readonly value: unknown; readonly until?: string }>>;
  readonly tracking: 'active' | 'stopped' | 'completed';
  /** No answer of the source for three polling intervals. */
  readonly stale: boolean;
  readonly status: FlightStatus;
  /** Whole minutes, negative when early. */
  readonly delayMinutes: number | null;
  readonly arrivalDelayMinutes: number | null;
  readonly isDelayed: boolean;
}

export type FlightChange =
  | { readonly kind: 'added'; readonly flightId: string; readonly flight: Flight }
  | {
      readonly kind: 'changed';
      readonly flightId: string;
      readonly flight: Flight;
      readonly before: Flight;
      /** The fields whose values differ, those that came or went included. */
      readonly fields: readonly (keyof Flight)[];
    }
  | { readonly kind: 'removed'; readonly flightId: string; readonly before: Flight };

type Board = Y.Map<Y.Map<unknown>>;

const boardOf = (doc: Y.Doc, board: string): Board => doc.getMap(board === 'main' ? 'flights' : `flights:${board}`);

/** The flights on a board by id, as they are now. The board must be among the connection's channels; `main` is by default. */
export const flightsOf = (doc: Y.Doc, board = 'main'): ReadonlyMap<string, Flight> => {
  const flights = new Map<string, Flight>();
  for (const [flightId, entry] of boardOf(doc, board)) flights.set(flightId, entry.toJSON() as unknown as Flight);
  return flights;
};

/**
 * Calls `callback` with what each update of a board changed, and nothing when it changed nothing that can be seen (the server writes a board
 * afresh now and then). The function returned ends it.
 */
export const observeFlights = (
  doc: Y.Doc,
  callback: (changes: readonly FlightChange[]) => void,
  board = 'main',
): (() => void) => {
  const root = boardOf(doc, board);
  const known = new Map(flightsOf(doc, board));
  const observe = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    const touched = new Set<string>();
    for (const { path, keys } of events) {
      const [flightId] = path;
      if (flightId !== undefined) touched.add(String(flightId));
      else for (const key of keys.keys()) touched.add(key);
    }
    const changes: FlightChange[] = [];
    for (const flightId of touched) {
      const before = known.get(flightId);
      const flight = root.get(flightId)?.toJSON() as unknown as Flight | undefined;
      if (flight) known.set(flightId, flight);
      else known.delete(flightId);
      const change = changeOf(flightId, before, flight);
      if (change) changes.push(change);
    }
    if (changes.length > 0) callback(changes);
  };
  const observer = observe as Parameters<Board['observeDeep']>[0];
  root.observeDeep(observer);
  return () => root.unobserveDeep(observer);
};

const changeOf = (flightId: string, before: Flight | undefined, flight: Flight | undefined): FlightChange | null => {
  if (!flight) return before ? { kind: 'removed', flightId, before } : null;
  if (!before) return { kind: 'added', flightId, flight };
  const names = new Set([...Object.keys(before), ...Object.keys(flight)]) as Set<keyof Flight>;
  const fields = [...names].filter((name) => !isSame(before[name], flight[name]));
  return fields.length > 0 ? { kind: 'changed', flightId, flight, before, fields } : null;
};

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
