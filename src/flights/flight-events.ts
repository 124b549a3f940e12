// The events of a flight's stream and the coding of their payloads: JSON that holds what was decided, never more than changed, so that a
// day of polling stays small. Derived fields are not in it; state.ts computes them again.

import type { LoggedEvent, NewEvent } from '../model/events.js';
import { streamName } from '../model/ids.js';
import type { Json, JsonObject } from '../model/json.js';
import { formatTime } from '../model/time.js';
import type { FeedDelta, FeedValues } from './feed.js';
import type { Leg, Override, Tracking } from './flight.js';

export const flightKinds = ['tracked', 'updated', 'overridden', 'stopped', 'watched'] as const;

export interface Tracked {
  /** Absent when a flight that exists is tracked again. */
  readonly leg?: Leg;
  readonly values?: FeedValues;
  /** The source that is asked about it. */
  readonly source?: string;
  readonly delayThresholdMinutes?: number;
  readonly boards?: readonly string[];
  readonly watchers?: readonly string[];
}

/** Empty when the clock alone changed something: the event's own time says what. */
export interface Updated extends Partial<FeedDelta> {
  /** The provider's event time, Unix ms; with `set`. */
  readonly t?: number;
  /** Who said it, when that changed. */
  readonly source?: string;
  readonly stale?: boolean;
  /** `false`: it has left the boards. */
  readonly listed?: boolean;
}

export interface Overridden {
  readonly set?: { readonly [field: string]: Override };
  readonly clear?: readonly string[];
}

export interface Stopped {
  readonly tracking: Exclude<Tracking, 'active'>;
}

export interface Watched {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** A flight event's kind with its payload. */
export type FlightFact =
  | { readonly kind: 'tracked'; readonly payload: Tracked }
  | { readonly kind: 'updated'; readonly payload: Updated }
  | { readonly kind: 'overridden'; readonly payload: Overridden }
  | { readonly kind: 'stopped'; readonly payload: Stopped }
  | { readonly kind: 'watched'; readonly payload: Watched };

/** A fact with its place in the stream. */
export type FlightEvent = FlightFact & { readonly seq: number; readonly at: number };

/** Fields whose values are times; in a payload's `set` they are Unix ms, half as long. */
const timeFields: ReadonlySet<string> = new Set([
  'scheduledDeparture',
  'estimatedDeparture',
  'actualDeparture',
  'actualOff',
  'scheduledArrival',
  'estimatedArrival',
  'actualArrival',
  'actualOn',
]);

const withTimes = (set: FeedDelta['set'], convert: (value: unknown) => unknown): FeedDelta['set'] =>
  Object.fromEntries(
    Object.entries(set).map(([field, value]) => [
      field,
      timeFields.has(field) && value !== null ? convert(value) : value,
    ]),
  );

const packed = (fact: FlightFact): unknown =>
  fact.kind === 'updated' && fact.payload.set !== undefined
    ? { ...fact.payload, set: withTimes(fact.payload.set, (value) => Date.parse(value as string)) }
    : fact.payload;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const flightStream = (flightId: string) => streamName('flight', flightId);

export const encodeFact = (
  flightId: string,
  fact: FlightFact,
  { actor, at, meta }: { actor: NewEvent['actor']; at: number; meta: JsonObject | null },
): NewEvent => ({
  stream: flightStream(flightId),
  kind: fact.kind,
  actor,
  at,
  payload: encoder.encode(JSON.stringify(packed(fact))),
  meta,
});

/** The inverse of `encodeFact`. The log holds only what was encoded here, so the shape is trusted. */
export const decodeEvent = (event: LoggedEvent): FlightEvent => {
  const payload = JSON.parse(decoder.decode(event.payload ?? encoder.encode('{}'))) as Json;
  const fact = { kind: event.kind, payload, seq: event.seq, at: event.at } as unknown as FlightEvent;
  if (fact.kind !== 'updated' || fact.payload.set === undefined) return fact;
  const set = withTimes(fact.payload.set, (value) => formatTime(value as number));
  return { ...fact, payload: { ...fact.payload, set } };
};
