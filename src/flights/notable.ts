// Which changes watchers are told of (docs/flights.md, "Who is told"). What a notification looks like is decided in notify/.

import type { DomainChange } from '../model/views.js';
import type { Flight } from './flight.js';
import { type FlightState, recordOf } from './state.js';

/** One change that watchers are told of. A change of several kinds is told once, as the first of gate, status, delay. */
export interface FlightNotable {
  readonly flightId: string;
  readonly kind: 'gate' | 'status' | 'delay';
  readonly from: string | number | null;
  readonly to: string | number | null;
  readonly priority: 'high' | 'normal';
  /** User ids, at least one. */
  readonly watchers: readonly string[];
  /** The record after the change. */
  readonly flight: Flight;
  /** The event that is about to be logged: its seq in the flight's stream and its time. */
  readonly seq: number;
  readonly at: number;
}

/**
 * Adds notifications to the change that they tell of, so that both are logged in one transaction. It may be called again for the
 * same change when a head in `expect` did not hold.
 */
export type NotifyFlight = (notable: FlightNotable) => Promise<DomainChange> | DomainChange;

export const notableOf = (before: FlightState | null, after: FlightState): FlightNotable | null => {
  if (before === null || after.watchers.length === 0) return null;
  const [was, flight] = [recordOf(before), recordOf(after)];
  const base = { flightId: after.flightId, watchers: after.watchers, flight, seq: after.seq, at: after.at };
  if (was.gate !== flight.gate)
    return { ...base, kind: 'gate', from: was.gate ?? null, to: flight.gate ?? null, priority: 'high' };
  if (was.status !== flight.status)
    return { ...base, kind: 'status', from: was.status, to: flight.status, priority: 'normal' };
  if (before.toldDelay !== after.toldDelay)
    return { ...base, kind: 'delay', from: before.toldDelay, to: after.toldDelay, priority: 'normal' };
  return null;
};
