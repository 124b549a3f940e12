// A flight's history, read from its events by the same fold that made its state. Who watches a flight is not part of it.

import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { Json } from '../model/json.js';
import { formatTime } from '../model/time.js';
import { changedFields, type Flight } from './flight.js';
import { decodeEvent, flightStream } from './flight-events.js';
import { type FlightState, foldEvent, recordOf } from './state.js';

export interface FlightUpdate {
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: string;
  /** A source's name, `push`, `manual`, or `clock` when time alone changed it. */
  readonly source: string;
  readonly changes: Readonly<Record<string, { readonly from: Json; readonly to: Json }>>;
  /** The record after the change. */
  readonly flight: Flight;
  /** Why, where a person gave a reason. */
  readonly reason?: string;
  readonly forced?: true;
}

export interface FlightHistory {
  readonly flightId: string;
  readonly updates: readonly FlightUpdate[];
  /** The seq after which the next page begins, `null` at the end. */
  readonly next: number | null;
}

export interface HistoryPage {
  /** Updates with a greater seq. */
  readonly after?: number;
  readonly limit?: number;
}

const changesOf = (before: FlightState | null, flight: Flight): FlightUpdate['changes'] => {
  const was: Partial<Flight> = before === null ? {} : recordOf(before);
  const pairs = changedFields(was, flight).map((field) => {
    return [field, { from: (was[field] ?? null) as Json, to: (flight[field] ?? null) as Json }] as const;
  });
  return Object.fromEntries(pairs);
};

/** Oldest first. A state is a fold over all earlier events, so a page costs the events up to it; streams of flights are short. */
export const readHistory = async (
  log: EventLog,
  flightId: string,
  { after = 0, limit = 100 }: HistoryPage = {},
): Promise<FlightHistory> => {
  const stream = flightStream(flightId);
  const updates: FlightUpdate[] = [];
  let state: FlightState | null = null;
  for (let seq = 0, more = true; more; ) {
    const read = await log.read(stream, seq);
    if (read.kind !== 'range') throw new ContrailError('internal', 'The history of this flight cannot be read.');
    for (const event of read.events) {
      const next: FlightState = foldEvent(flightId, state, decodeEvent(event));
      const flight = recordOf(next);
      const changes = changesOf(state, flight);
      state = next;
      seq = event.seq;
      if (event.seq <= after || Object.keys(changes).length === 0) continue;
      if (updates.length === limit) return { flightId, updates, next: updates.at(-1)?.seq ?? null };
      const { source, reason, forced } = event.meta ?? {};
      const origin = event.kind === 'overridden' ? 'manual' : flight.source;
      updates.push({
        seq: event.seq,
        at: formatTime(event.at),
        actor: event.actor,
        source: typeof source === 'string' ? source : origin,
        changes,
        flight,
        ...(typeof reason === 'string' ? { reason } : {}),
        ...(forced === true ? { forced } : {}),
      });
    }
    more = read.more;
  }
  return { flightId, updates, next: null };
};
