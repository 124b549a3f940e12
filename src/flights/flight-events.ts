// The events of a flight's stream and the coding of their payloads: JSON that holds what was decided, never more than changed, and nothing
// where the kind says it all, so that a day of polling stays small, also when a source keeps failing. Derived fields are not in it; state.ts
// computes them again.

import type { LoggedEvent, NewEvent } from '../model/events.js';
import { streamName } from '../model/ids.js';
import type { Json, JsonObject } from '../model/json.js';
import { formatTime } from '../model/time.js';
import type { FeedDelta, FeedValues } from './feed.js';
import type { Leg, Override } from './flight.js';

/** Kinds without a payload: that three polls went unanswered, that an answer came after that, that tracking ended, that it left the boards. */
const bareKinds = ['stale', 'fresh', 'stopped', 'completed', 'unlisted'] as const;
export const flightKinds = ['tracked', 'updated', 'overridden', 'watched', ...bareKinds] as const;

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

/** Empty when the clock alone changed something: the event's own time says what. With `t` it is a source's answer, which ends staleness. */
export interface Updated extends Partial<FeedDelta> {
  /** The provider's event time, Unix ms; with `set`. */
  readonly t?: number;
  /** Who said it, when that changed. */
  readonly source?: string;
}

export interface Overridden {
  readonly set?: { readonly [field: string]: Override };
  readonly clear?: readonly string[];
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
  | { readonly kind: 'watched'; readonly payload: Watched }
  | { readonly kind: (typeof bareKinds)[number]; readonly payload: Readonly<Record<string, never>> };

/** A fact with its place in the stream. */
export type FlightEvent = FlightFact & { readonly seq: number; readonly at: number };

/** Fields whose values are times; in a payload they are Unix seconds, as `t` is: a third as long, with a fraction where there is one. */
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

const toSeconds = (ms: number): number => ms / 1000;
const toMs = (seconds: number): number => Math.round(seconds * 1000);

/** The payload with its times converted. */
const withUpdateTimes = (
  { t, set, ...rest }: Updated,
  convertTime: (time: number) => number,
  convertField: (value: unknown) => unknown,
): Updated => ({
  ...(t === undefined ? {} : { t: convertTime(t) }),
  ...(set === undefined ? {} : { set: withTimes(set, convertField) }),
  ...rest,
});

const packed = (fact: FlightFact): object =>
  fact.kind === 'updated'
    ? withUpdateTimes(fact.payload, toSeconds, (value) => toSeconds(Date.parse(value as string)))
    : fact.payload;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const flightStream = (flightId: string) => streamName('flight', flightId);

export const encodeFact = (
  flightId: string,
  fact: FlightFact,
  { actor, at, meta }: { actor: NewEvent['actor']; at: number; meta: JsonObject | null },
): NewEvent => {
  const payload = packed(fact);
  return {
    stream: flightStream(flightId),
    kind: fact.kind,
    actor,
    at,
    payload: Object.keys(payload).length === 0 ? null : encoder.encode(JSON.stringify(payload)),
    meta,
  };
};

/** The inverse of `encodeFact`. The log holds only what was encoded here, so the shape is trusted. */
export const decodeEvent = (event: LoggedEvent): FlightEvent => {
  const payload = event.payload === null ? {} : (JSON.parse(decoder.decode(event.payload)) as Json);
  const fact = { kind: event.kind, payload, seq: event.seq, at: event.at } as unknown as FlightEvent;
  if (fact.kind !== 'updated') return fact;
  return { ...fact, payload: withUpdateTimes(fact.payload, toMs, (value) => formatTime(toMs(value as number))) };
};
