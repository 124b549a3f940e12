// The flight record: one leg, as boards and REST show it. Types and the lists of its fields only; what may be said about a flight is in
// requests.ts, how its values come about in feed.ts, overrides.ts and derived.ts. All times are RFC 3339, UTC, milliseconds.

import type { Json, JsonObject } from '../model/json.js';
import type { Phase } from './phases.js';

export type Tracking = 'active' | 'stopped' | 'completed';
export const statuses = ['on-time', 'delayed', 'boarding', 'departed', 'arrived', 'cancelled', 'diverted'] as const;
export type Status = (typeof statuses)[number];

/** What identifies the leg and never changes. */
export interface Leg {
  /** IATA designator of the airline, `DL`. */
  readonly carrierCode: string;
  /** As the caller wrote it, `DL123` or `123`; `designator` in legs.ts tells both alike. */
  readonly flightNumber: string;
  readonly departureCity: string;
  readonly arrivalCity: string;
  /** IATA codes. */
  readonly departureAirport?: string;
  readonly arrivalAirport?: string;
  /** As first published; the record's own may be moved by later data. */
  readonly scheduledDeparture: string;
  readonly scheduledArrival: string;
}

/** What data or people may say about a leg: gate times unless the name says otherwise. */
export interface Facts {
  readonly callsign?: string;
  readonly codeshares?: readonly string[];
  readonly departureCity?: string;
  readonly arrivalCity?: string;
  readonly scheduledDeparture?: string;
  readonly estimatedDeparture?: string;
  /** Off block ("out"). */
  readonly actualDeparture?: string;
  /** Take-off and touch-down. */
  readonly actualOff?: string;
  readonly actualOn?: string;
  readonly scheduledArrival?: string;
  readonly estimatedArrival?: string;
  /** On block ("in"). */
  readonly actualArrival?: string;
  readonly terminal?: string;
  readonly gate?: string;
  readonly arrivalTerminal?: string;
  readonly arrivalGate?: string;
  readonly baggageBelt?: string;
  /** Type (`A320`), registration, or the 24-bit address in six hexadecimal digits, which positions need. */
  readonly aircraft?: string;
  readonly phase?: Phase;
  readonly phaseReason?: string;
}

export type FactName = keyof Facts;

/** A manual value: it wins over the feed until it is cleared, or until `until`. */
export interface Override extends JsonObject {
  readonly value: Json;
}
export type Overrides = { readonly [field: string]: Override };

export interface Flight extends Facts {
  readonly flightId: string;
  readonly carrierCode: string;
  readonly flightNumber: string;
  readonly departureCity: string;
  readonly arrivalCity: string;
  readonly departureAirport?: string;
  readonly arrivalAirport?: string;
  readonly scheduledDeparture: string;
  readonly scheduledArrival: string;
  readonly phase: Phase;
  /** Who gave the newest data: a source's name, or `push`. */
  readonly source: string;
  /** The provider's time of the newest data that changed anything. */
  readonly sourceUpdatedAt: string;
  readonly overrides?: Overrides;
  readonly tracking: Tracking;
  /** Whether three polling intervals have passed without an answer. */
  readonly stale: boolean;
  // Derived, never accepted as input.
  readonly status: Status;
  readonly delayMinutes: number | null;
  readonly arrivalDelayMinutes: number | null;
  readonly isDelayed: boolean;
}

export type FlightField = keyof Flight;

/** Every field a record may have, in the order in which it is shown. */
export const flightFields: readonly FlightField[] = [
  'flightId',
  'carrierCode',
  'flightNumber',
  'callsign',
  'codeshares',
  'departureCity',
  'arrivalCity',
  'departureAirport',
  'arrivalAirport',
  'scheduledDeparture',
  'estimatedDeparture',
  'actualDeparture',
  'actualOff',
  'scheduledArrival',
  'estimatedArrival',
  'actualArrival',
  'actualOn',
  'terminal',
  'gate',
  'arrivalTerminal',
  'arrivalGate',
  'baggageBelt',
  'aircraft',
  'phase',
  'phaseReason',
  'source',
  'sourceUpdatedAt',
  'overrides',
  'tracking',
  'stale',
  'status',
  'delayMinutes',
  'arrivalDelayMinutes',
  'isDelayed',
];

export const derivedFields: readonly FlightField[] = ['status', 'delayMinutes', 'arrivalDelayMinutes', 'isDelayed'];

/** Actual times in the order in which they must lie: out, off, on, in. */
export const actualFields = ['actualDeparture', 'actualOff', 'actualOn', 'actualArrival'] as const;

/** Equality of two fields' values: plain JSON, so their text decides. */
export const sameValue = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** The fields in which two records differ. */
export const changedFields = (before: Partial<Flight>, after: Partial<Flight>): readonly FlightField[] =>
  flightFields.filter((field) => !sameValue(before[field], after[field]));
