// The one interface behind which all sources stand. Vendor fields never pass it: what comes out is a Snapshot in the project's words, a
// Leg, a Position or a SourceError.

import type { Snapshot } from '../feed.js';
import type { Leg } from '../flight.js';
import type { LegQuery } from '../legs.js';

export type FetchResult =
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** Asked, answered, and nothing is different from the last time. */
  | { readonly kind: 'unchanged' }
  /** The source does not know the leg. */
  | { readonly kind: 'unknown' };

export interface Position {
  readonly icao24: string;
  readonly callsign: string | null;
  readonly longitude: number;
  readonly latitude: number;
  /** Barometric, in metres. */
  readonly altitudeM: number | null;
  readonly onGround: boolean;
  readonly speedMps: number | null;
  /** Clockwise from north. */
  readonly trackDegrees: number | null;
  /** Unix ms. */
  readonly at: number;
}

export interface Source {
  readonly name: string;
  readonly capabilities: {
    /** Whether it can be asked about legs; if not, its data is pushed. */
    readonly polled: boolean;
    readonly positions: boolean;
    /** How much faster than the clock its flights live: 1 but in a simulation. */
    readonly speed: number;
  };
  readonly budget: {
    /** Requests a UTC day, `null` for no limit. */
    readonly perDay: number | null;
  };
  /** The time in which its flights live, Unix ms. */
  now(): number;
  /** The newest word on a leg. Rejects with SourceError. */
  fetch(leg: Leg): Promise<FetchResult>;
  /** Legs that a query may mean. Rejects with SourceError. */
  search(query: LegQuery): Promise<readonly Leg[]>;
  /** Where aircraft are now. Rejects with SourceError. */
  positions(icao24s: readonly string[]): Promise<readonly Position[]>;
}

/** `rate-limited` cools the whole source, `refused` too and for longer (keys, quotas); `unavailable` concerns this request alone. */
export type SourceFault = 'rate-limited' | 'refused' | 'unavailable';

export class SourceError extends Error {
  readonly fault: SourceFault;
  /** How long the source asked to be left alone. */
  readonly retryAfterMs: number | null;

  constructor(fault: SourceFault, message: string, options: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'SourceError';
    this.fault = fault;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A vendor's value that nobody here knows. The field is left alone; the value is cut to 64 characters. */
export interface UnknownValue {
  readonly source: string;
  readonly field: string;
  readonly value: string;
}
export type OnUnknown = (unknown: UnknownValue) => void;

export const describeUnknown = (source: string, field: string, value: unknown): UnknownValue => ({
  source,
  field,
  value: (JSON.stringify(value) ?? typeof value).slice(0, 64),
});
