// The whole state of one flight as a fold over its events (I3): the projection, the history and the facade all use this one function.

import { formatTime } from '../model/time.js';
import { arrivalDelay, delayedByClockAt, departureDelay, isDelayed, statusOf } from './derived.js';
import { applyDelta, consistent, type FeedState, initialFeed } from './feed.js';
import type { Facts, Flight, Leg, Overrides, Tracking } from './flight.js';
import type { FlightEvent, Tracked } from './flight-events.js';
import { beforeDeparture, type Phase } from './phases.js';

export const mainBoard = 'main';
/** A delay that moved by this much since watchers last heard of it is told (docs/flights.md, "Who is told"). */
export const toldDelayMinutes = 15;

export interface FlightState {
  readonly flightId: string;
  readonly leg: Leg;
  /** The source that is asked. */
  readonly polled: string;
  /** Who gave the newest data. */
  readonly source: string;
  /** The provider's time of the newest data that changed anything, Unix ms; `null` before the first. */
  readonly sourceUpdatedAt: number | null;
  readonly trackedAt: number;
  readonly delayThresholdMinutes: number;
  readonly feed: FeedState;
  readonly overrides: Overrides;
  readonly tracking: Tracking;
  /** When tracking ended, Unix ms. */
  readonly endedAt: number | null;
  readonly stale: boolean;
  /** Whether it is still on its boards. */
  readonly listed: boolean;
  readonly boards: readonly string[];
  readonly watchers: readonly string[];
  /** The delay that watchers last heard of. */
  readonly toldDelay: number;
  /** The last event's place. */
  readonly seq: number;
  readonly at: number;
}

const without = (record: Overrides, fields: readonly string[]): Overrides =>
  Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field)));

export const overrideEnds = (override: Overrides[string]): number =>
  typeof override['until'] === 'string' ? Date.parse(override['until']) : Number.POSITIVE_INFINITY;

const expired = (overrides: Overrides, now: number): readonly string[] =>
  Object.keys(overrides).filter((field) => {
    const override = overrides[field];
    return override !== undefined && overrideEnds(override) <= now;
  });

/** The feed's values with the manual ones over them. */
const factsOf = (state: FlightState): Facts & { readonly scheduledDeparture: string; readonly phase: Phase } => {
  const manual = Object.entries(state.overrides).map(([field, { value }]) => [field, value] as const);
  const merged = { ...state.leg, ...state.feed.shown, ...Object.fromEntries(manual) };
  return consistent(merged as Leg & Facts & { readonly phase: Phase });
};

const records = new WeakMap<FlightState, Flight>();

/** The record as it was at the state's last event. Computed once for each state. */
export const recordOf = (state: FlightState): Flight => {
  const known = records.get(state);
  if (known !== undefined) return known;
  const record = computeRecord(state);
  records.set(state, record);
  return record;
};

const computeRecord = (state: FlightState): Flight => {
  const facts = factsOf(state);
  const delayMinutes = departureDelay(facts);
  const delayed = isDelayed({
    facts,
    delayMinutes,
    lastClear: state.feed.clear[0],
    thresholdMinutes: state.delayThresholdMinutes,
    now: state.at,
  });
  return {
    flightId: state.flightId,
    ...(facts as Leg & Facts & { readonly phase: Phase }),
    source: state.source,
    sourceUpdatedAt: formatTime(state.sourceUpdatedAt ?? state.trackedAt),
    ...(Object.keys(state.overrides).length > 0 ? { overrides: state.overrides } : {}),
    tracking: state.tracking,
    stale: state.stale,
    status: statusOf(facts.phase, delayed),
    delayMinutes,
    arrivalDelayMinutes: arrivalDelay(facts),
    isDelayed: delayed,
  };
};

const firstState = (flightId: string, payload: Tracked, event: FlightEvent): FlightState => {
  if (payload.leg === undefined) throw new Error(`the stream of flight ${flightId} does not begin with its leg`);
  return {
    flightId,
    leg: payload.leg,
    polled: payload.source ?? '',
    source: payload.source ?? '',
    sourceUpdatedAt: null,
    trackedAt: event.at,
    delayThresholdMinutes: payload.delayThresholdMinutes ?? 15,
    feed: initialFeed(payload.values ?? {}),
    overrides: {},
    tracking: 'active',
    endedAt: null,
    stale: false,
    listed: true,
    boards: [mainBoard],
    watchers: [],
    toldDelay: 0,
    seq: 0,
    at: event.at,
  };
};

const union = (list: readonly string[], more: readonly string[] = []): readonly string[] => [
  ...new Set([...list, ...more]),
];

const applyFact = (state: FlightState, event: FlightEvent): FlightState => {
  switch (event.kind) {
    case 'tracked': {
      const { boards, watchers } = event.payload;
      const resumed = state.tracking === 'stopped';
      return {
        ...state,
        boards: union(state.boards, boards),
        watchers: union(state.watchers, watchers),
        ...(resumed ? { tracking: 'active', endedAt: null, listed: true, stale: false } : {}),
      };
    }
    case 'updated': {
      const { set, late, t, source } = event.payload;
      const delta = { set: set ?? {}, ...(late === undefined ? {} : { late }) };
      return {
        ...state,
        feed: t === undefined ? state.feed : applyDelta(state.feed, delta, t),
        sourceUpdatedAt: t === undefined ? state.sourceUpdatedAt : Math.max(state.sourceUpdatedAt ?? t, t),
        source: source ?? state.source,
        stale: t === undefined && state.stale,
      };
    }
    case 'overridden': {
      const { set, clear } = event.payload;
      return { ...state, overrides: { ...without(state.overrides, clear ?? []), ...set } };
    }
    case 'stale':
    case 'fresh':
      return { ...state, stale: event.kind === 'stale' };
    case 'stopped':
    case 'completed':
      return { ...state, tracking: event.kind, endedAt: event.at, stale: false };
    case 'unlisted':
      return { ...state, listed: false };
    case 'watched': {
      const { add, remove } = event.payload;
      return { ...state, watchers: union(state.watchers, add).filter((user) => !(remove ?? []).includes(user)) };
    }
  }
};

/** Folds in one event. Pure: the event's own time decides what the clock decides. */
export const foldEvent = (flightId: string, state: FlightState | null, event: FlightEvent): FlightState => {
  const applied = applyFact(state ?? firstState(flightId, event.kind === 'tracked' ? event.payload : {}, event), event);
  const next = {
    ...applied,
    overrides: without(applied.overrides, expired(applied.overrides, event.at)),
    seq: event.seq,
    at: event.at,
  };
  const { delayMinutes } = recordOf(next);
  const told = delayMinutes !== null && Math.abs(delayMinutes - next.toldDelay) >= toldDelayMinutes;
  return told ? { ...next, toldDelay: delayMinutes } : next;
};

/** The next instant after `now` at which the clock alone changes the record, Unix ms; `null` when there is none. */
export const nextClockChange = (state: FlightState, now: number): number | null => {
  const times = Object.values(state.overrides).map(overrideEnds);
  const record = recordOf(state);
  if (state.tracking === 'active' && beforeDeparture(record.phase))
    times.push(delayedByClockAt(record.scheduledDeparture, state.delayThresholdMinutes));
  const next = Math.min(...times.filter((time) => time > now && Number.isFinite(time)));
  return Number.isFinite(next) ? next : null;
};
