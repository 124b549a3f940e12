// What a request, an answer or the clock means for one flight: pure functions from its state to the event to log, or to nothing.

import { ContrailError } from '../model/errors.js';
import { systemActor, type UserId } from '../model/ids.js';
import { mergeSnapshot, type Snapshot } from './feed.js';
import { actualFields, changedFields, type FactName, type Override } from './flight.js';
import type { FlightFact } from './flight-events.js';
import { type Decision, foldFact } from './flight-writer.js';
import { allowedMoves, beforeDeparture, type Phase, shownPhase } from './phases.js';
import type { PatchRequest } from './requests.js';
import { type FlightState, recordOf } from './state.js';

const changesRecord = (state: FlightState, fact: FlightFact, now: number): boolean =>
  changedFields(recordOf(state), recordOf(foldFact(state.flightId, state, fact, now))).length > 0;

/** An answer of a source, or pushed data. `null` for a snapshot: the source answered that nothing is new. */
export const decideFeed = (
  state: FlightState,
  snapshot: Snapshot | null,
  { source, actor }: { readonly source: string; readonly actor: UserId },
): Decision | null => {
  const rules = {
    scheduledDeparture: state.leg.scheduledDeparture,
    thresholdMinutes: state.delayThresholdMinutes,
  };
  const merged = snapshot === null ? null : mergeSnapshot(state.feed, snapshot, rules);
  const delta = merged?.delta ?? null;
  const fresh: FlightFact | null = state.stale ? { kind: 'fresh', payload: {} } : null;
  const from = source === state.source ? {} : { source };
  const fact: FlightFact | null =
    delta === null || snapshot === null
      ? fresh
      : { kind: 'updated', payload: { t: snapshot.observedAt, ...delta, ...from } };
  if (merged === null) return fact === null ? null : { fact, actor };
  return { fact, actor, feed: merged.feed };
};

const fault = (field: string, detail: string): ContrailError =>
  new ContrailError('bad-request', 'The request has faults.', { faults: [{ at: `/${field}`, detail }] });

/** Values a person sets, with the phase that they imply. */
const withImpliedPhase = (phase: Phase, set: PatchRequest['set']): PatchRequest['set'] => {
  if (set.phase !== undefined) return set;
  const values = Object.fromEntries(Object.entries(set).map(([field, { value }]) => [field, value]));
  const shown = shownPhase(values);
  const ahead = shown === 'arrived' ? phase !== 'arrived' && phase !== 'diverted' : beforeDeparture(phase);
  if (shown === null || !ahead) return set;
  const [first] = actualFields.flatMap((field) => set[field] ?? []);
  return { ...set, phase: { ...first, value: shown } as Override };
};

const checkMove = (state: FlightState, set: PatchRequest['set']): void => {
  const record = recordOf(state);
  const to = set.phase?.value as Phase | undefined;
  if (to === undefined || to === record.phase) return;
  const values = Object.fromEntries(Object.entries(set).map(([field, { value }]) => [field, value]));
  const allowed = allowedMoves(record.phase, { ...record, ...values });
  if (allowed.includes(to)) return;
  const may = allowed.length > 0 ? `It may move to ${allowed.join(', ')}.` : 'It cannot move any more.';
  throw new ContrailError('illegal-move', `A flight that is ${record.phase} cannot become ${to}. ${may}`, {
    extra: { from: record.phase, to, allowed },
  });
};

/** A manual update. Throws `illegal-move` or `bad-request`; `force` makes any move legal and is recorded with its reason. */
export const decidePatch = (
  state: FlightState,
  request: PatchRequest,
  { actor, now }: { readonly actor: UserId; readonly now: number },
): Decision | null => {
  const set = withImpliedPhase(recordOf(state).phase, request.set);
  if (!request.force) checkMove(state, set);
  const to = set.phase?.value as Phase | undefined;
  // Back at the gate, what was said by hand about leaving it no longer holds.
  const returned = to !== undefined && beforeDeparture(to) ? actualFields : [];
  const gone = [...request.clear, ...returned].filter((field) => state.overrides[field] !== undefined && !set[field]);
  const fact: FlightFact = {
    kind: 'overridden',
    payload: {
      ...(Object.keys(set).length > 0 ? { set: set as { readonly [field: string]: Override } } : {}),
      ...(gone.length > 0 ? { clear: gone } : {}),
    },
  };
  const record = recordOf(foldFact(state.flightId, state, fact, now));
  if (record.scheduledArrival <= record.scheduledDeparture)
    throw fault('scheduledArrival', 'must lie after scheduledDeparture');
  for (const field of Object.keys(set) as FactName[])
    if (record[field] === undefined)
      throw fault(field, `contradicts the phase ${record.phase} or the order out, off, on, in`);
  const forced = request.force ? { forced: true } : {};
  const meta = { ...forced, ...(request.reason === undefined ? {} : { reason: request.reason }) };
  if (!changesRecord(state, fact, now)) return null;
  return { fact, actor, ...(Object.keys(meta).length > 0 ? { meta } : {}) };
};

/** What time alone changes: a delay by the clock, an override that ends. */
export const decideClock = (state: FlightState, now: number): Decision | null => {
  const fact: FlightFact = { kind: 'updated', payload: {} };
  return changesRecord(state, fact, now) ? { fact, actor: systemActor, meta: { source: 'clock' } } : null;
};

export const decideStale = (state: FlightState): Decision | null =>
  state.stale || state.tracking !== 'active' ? null : { fact: { kind: 'stale', payload: {} }, actor: systemActor };

export const decideWatch = (
  state: FlightState,
  { add, remove }: { readonly add: readonly UserId[]; readonly remove: readonly UserId[] },
  actor: UserId,
): Decision | null => {
  const added = add.filter((user) => !state.watchers.includes(user) && !remove.includes(user));
  const removed = remove.filter((user) => state.watchers.includes(user));
  if (added.length === 0 && removed.length === 0) return null;
  const payload = {
    ...(added.length > 0 ? { add: added } : {}),
    ...(removed.length > 0 ? { remove: removed } : {}),
  };
  return { fact: { kind: 'watched', payload }, actor };
};
