// What the feeds have said about a leg, joined by the provider's event time: late, replayed and reordered data end in the same values as
// data in order. Overrides, derived fields and the log are not known here.
//
// ### Why the order of arrival does not matter
// Everything kept is a join: per field the newest value (equal times: the greater text), per leg the ordered list of phases seen.
// What is shown is a pure function of these (`resolve`): phases are walked in the order of their times through the table of legal moves,
// so `arrived` never returns and an illegal move is passed over; actual times older than the last return to the gate are void;
// actual times that break out <= off <= on <= in are left out. Estimates and actuals are different fields, so neither replaces the other.

import { clearlyDelayed, departureDelay } from './derived.js';
import { actualFields, type FactName, type Facts, sameValue } from './flight.js';
import { beforeDeparture, moveBetween, type Phase, phases, shownPhase } from './phases.js';

/** `not-departed`: from sources that do not tell `scheduled` from `boarding`. */
export type SeenPhase = Phase | 'not-departed';
export type FeedValues = Omit<Facts, 'phase'>;

/** One statement about a leg at one time of the provider. What is absent is not spoken about. */
export interface Snapshot {
  /** The provider's event time, Unix ms. */
  readonly observedAt: number;
  readonly phase?: SeenPhase;
  readonly values: FeedValues;
}

type Sighting = readonly [phase: SeenPhase, at: number];
type Register = readonly [value: unknown, at: number];

export interface FeedState {
  readonly registers: { readonly [field: string]: Register };
  /** Phases seen, in order of the times at which they were. */
  readonly seen: readonly Sighting[];
  /** The last snapshot that was clearly late or clearly not, and which. */
  readonly clear: readonly [late: boolean, at: number];
  readonly shown: Facts & { readonly phase: Phase };
}

/** Changes to what is shown; `null` removes a value. `late` is a new last clear word on the delay. */
export interface FeedDelta {
  readonly set: { readonly [field in FactName]?: unknown };
  readonly late?: boolean;
}

/** More sightings than this, and those between two of the same phase are forgotten: only data later than all of them would miss them. */
const maxSightings = 512;

const rank = (phase: SeenPhase): number => (phase === 'not-departed' ? -1 : phases.indexOf(phase));

/** The feed of a leg about which only its caller has spoken; every provider's word is newer. */
export const initialFeed = (values: FeedValues): FeedState => ({
  registers: Object.fromEntries(Object.entries(values).map(([field, value]) => [field, [value, 0]])),
  seen: [],
  clear: [false, 0],
  shown: { ...values, phase: 'scheduled' },
});

/** Adds a phase seen at a time. */
export const observePhase = (seen: readonly Sighting[], phase: SeenPhase, at: number): readonly Sighting[] => {
  const index = seen.findIndex(([other, time]) => time > at || (time === at && rank(other) >= rank(phase)));
  const place = index < 0 ? seen.length : index;
  const there = seen[place];
  if (there?.[0] === phase && there[1] === at) return seen;
  const all = seen.toSpliced(place, 0, [phase, at]);
  if (all.length <= maxSightings) return all;
  return all.filter(([other], here) => all[here - 1]?.[0] !== other || all[here + 1]?.[0] !== other);
};

/** Walks the phases seen in order of their times. `groundedAt` is the last time the flight was seen not to have left. */
const walk = (sightings: readonly Sighting[]): { readonly phase: Phase; readonly groundedAt: number } => {
  let phase: Phase = 'scheduled';
  let groundedAt = Number.NEGATIVE_INFINITY;
  for (const [seen, at] of sightings) {
    const target: Phase = seen !== 'not-departed' ? seen : phase === 'boarding' ? 'boarding' : 'scheduled';
    if (target !== phase && moveBetween(phase, target) === null) continue;
    phase = target;
    if (beforeDeparture(phase)) groundedAt = at;
  }
  return { phase, groundedAt };
};

/** Leaves out actual times that contradict the phase or each other. */
export const consistent = <T extends Facts & { readonly phase: Phase }>(facts: T): T => {
  const result: { -readonly [field in keyof Facts]: Facts[field] } = { ...facts };
  const gone = beforeDeparture(facts.phase) || facts.phase === 'cancelled';
  if (gone || facts.phase === 'departed') delete result.actualArrival;
  let last = Number.NEGATIVE_INFINITY;
  for (const field of actualFields) {
    const time = result[field];
    if (time === undefined) continue;
    const ms = Date.parse(time);
    if (gone || ms < last) delete result[field];
    else last = ms;
  }
  return result as T;
};

const resolve = (registers: FeedState['registers'], seen: readonly Sighting[]): FeedState['shown'] => {
  const { phase, groundedAt } = walk(seen);
  const values: { [field: string]: unknown } = {};
  for (const [field, [value, at]] of Object.entries(registers)) {
    const isVoid = at <= groundedAt && (actualFields as readonly string[]).includes(field);
    if (value !== null && !isVoid) values[field] = value;
  }
  return consistent({ ...(values as FeedValues), phase });
};

const newer = (value: unknown, at: number, than: Register | undefined): boolean =>
  than === undefined || at > than[1] || (at === than[1] && JSON.stringify(value) > JSON.stringify(than[0]));

/** The delay a snapshot states by itself, measured against the published schedule when it does not repeat it. */
const clearWord = (snapshot: Snapshot, scheduledDeparture: string, thresholdMinutes: number): boolean | null => {
  const delay = departureDelay({ scheduledDeparture, ...snapshot.values });
  return delay === null ? null : clearlyDelayed(delay, thresholdMinutes);
};

export interface MergeRules {
  readonly scheduledDeparture: string;
  readonly thresholdMinutes: number;
}

/** Joins a snapshot; `delta` is what changes for those who look, `null` when nothing does. */
export const mergeSnapshot = (
  feed: FeedState,
  snapshot: Snapshot,
  rules: MergeRules,
): { readonly feed: FeedState; readonly delta: FeedDelta | null } => {
  const at = snapshot.observedAt;
  const registers: Record<string, Register> = { ...feed.registers };
  for (const [field, value] of Object.entries(snapshot.values))
    if (value !== undefined && newer(value, at, registers[field])) registers[field] = [value, at];

  const phase = snapshot.phase ?? shownPhase(snapshot.values);
  const seen = phase === null ? feed.seen : observePhase(feed.seen, phase, at);

  const word = clearWord(snapshot, rules.scheduledDeparture, rules.thresholdMinutes);
  const clear = word !== null && newer(word, at, feed.clear) ? ([word, at] as const) : feed.clear;

  const shown = resolve(registers, seen);
  const set: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(feed.shown), ...Object.keys(shown)]) as Set<FactName>)
    if (!sameValue(feed.shown[field], shown[field])) set[field] = shown[field] ?? null;
  const late = clear[0] === feed.clear[0] ? {} : { late: clear[0] };
  const unchanged = Object.keys(set).length === 0 && clear[0] === feed.clear[0];
  return { feed: { registers, seen, clear, shown }, delta: unchanged ? null : { set, ...late } };
};

/** Takes over a logged delta as it is: what was decided once is not decided again. */
export const applyDelta = (feed: FeedState, delta: FeedDelta, at: number): FeedState => {
  const registers: Record<string, Register> = { ...feed.registers };
  const values: { [field: string]: unknown } = { ...feed.shown };
  for (const [field, value] of Object.entries(delta.set)) {
    if (value === null) delete values[field];
    else values[field] = value;
    if (field !== 'phase') registers[field] = [value, at];
  }
  const { phase } = delta.set;
  return {
    registers,
    seen: phase === undefined ? feed.seen : observePhase(feed.seen, phase as Phase, at),
    clear: delta.late === undefined ? feed.clear : [delta.late, at],
    shown: { ...(values as FeedValues), phase: (phase as Phase | undefined) ?? feed.shown.phase },
  };
};
