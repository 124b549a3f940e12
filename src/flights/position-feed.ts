// Asks a source where the tracked aircraft are, while somebody wants to know, and hands the answer on. Positions are never logged and
// never enter a board; whoever gets them here shows them as awareness states.

import type { Clock } from '../model/time.js';
import type { Flight } from './flight.js';
import { SourceLedger } from './source-ledger.js';
import { type Position, type Source, SourceError } from './sources/source.js';

export interface FlightPosition extends Position {
  readonly flightId: string;
}

export interface PositionFeedOptions {
  readonly source: Source;
  readonly clock: Clock;
  /** The flights that are tracked now. */
  readonly flights: () => readonly Flight[];
  readonly intervalMs?: number;
  readonly onPositions: (positions: readonly FlightPosition[]) => void;
  readonly onFault: (source: string, error: unknown) => void;
}

export interface PositionFeed {
  /** How many connections want positions; at 0 nothing is asked. */
  want(connections: number): void;
  close(): void;
}

/** OpenSky's states are 10 s apart for those without an account. */
const defaultIntervalMs = 10_000;
const icao24Pattern = /^[0-9a-f]{6}$/i;

/** Flights in the air whose aircraft is known by its 24-bit address. */
const byAddress = (flights: readonly Flight[]): ReadonlyMap<string, Flight> => {
  const airborne = flights.filter(({ phase }) => phase === 'departed' || phase === 'diverted');
  const known = airborne.filter(({ aircraft }) => aircraft !== undefined && icao24Pattern.test(aircraft));
  return new Map(known.map((flight) => [(flight.aircraft ?? '').toLowerCase(), flight]));
};

export const createPositionFeed = (options: PositionFeedOptions): PositionFeed => {
  const { source, clock, flights, intervalMs = defaultIntervalMs, onPositions, onFault } = options;
  const ledger = new SourceLedger(clock, source.budget.perDay);
  let wanted = 0;
  let busy = false;
  let cancel: (() => void) | null = null;

  const ask = async (): Promise<void> => {
    const aircraft = byAddress(flights());
    if (aircraft.size === 0) return;
    ledger.spend();
    const found = await source.positions([...aircraft.keys()]);
    ledger.answered();
    const positions = found.flatMap((position) => {
      const flight = aircraft.get(position.icao24);
      return flight === undefined ? [] : [{ ...position, flightId: flight.flightId }];
    });
    if (positions.length > 0 && wanted > 0) onPositions(positions);
  };

  const schedule = (ms: number): void => {
    cancel?.();
    cancel = wanted === 0 || busy ? null : clock.after(Math.max(ms, ledger.waitMs()), () => void run());
  };

  const run = async (): Promise<void> => {
    busy = true;
    try {
      await ask();
    } catch (error) {
      onFault(source.name, error);
      if (error instanceof SourceError) ledger.cool(error.retryAfterMs);
    }
    busy = false;
    ledger.want(source.name, intervalMs);
    schedule(intervalMs * ledger.slowDown());
  };

  return {
    want(connections) {
      const starts = wanted === 0 && connections > 0;
      wanted = connections;
      if (starts || wanted === 0) schedule(0);
    },
    close() {
      wanted = 0;
      cancel?.();
    },
  };
};
