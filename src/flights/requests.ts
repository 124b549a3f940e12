// What callers may say: requests to track, manual patches, pushed updates and watches. Each parser checks a closed object and throws one
// `bad-request` that lists every fault. What a request means for a flight is decided elsewhere.

import { ContrailError } from '../model/errors.js';
import { parseUserId, type UserId } from '../model/ids.js';
import type { FeedValues, Snapshot } from './feed.js';
import {
  airport,
  boardName,
  carrierCode,
  factParsers,
  flag,
  flightId,
  flightNumber,
  listOf,
  ObjectReader,
  type Parser,
  text,
  time,
} from './field-parsers.js';
import { actualFields, derivedFields, type FactName, type Facts, flightFields, type Override } from './flight.js';
import type { LegQuery } from './legs.js';
import type { Phase } from './phases.js';

export interface TrackRequest {
  readonly flightId?: string;
  readonly query: LegQuery;
  /** What the caller knows beyond the leg; any source's word wins over it. */
  readonly values: FeedValues;
  readonly boards: readonly string[];
  readonly watchers: readonly UserId[];
  readonly source?: string;
}

export interface PatchRequest {
  readonly set: { readonly [field in FactName]?: Override };
  readonly clear: readonly FactName[];
  readonly force: boolean;
  readonly reason?: string;
}

export interface WatchRequest {
  readonly add: readonly UserId[];
  readonly remove: readonly UserId[];
}

const maxBoards = 32;
const maxWatchers = 1000;
/** A push from further ahead than this would shut out all later data. */
const maxAheadMs = 5 * 60_000;

const factNames = Object.keys(factParsers) as FactName[];
/** Facts that come about by tracking only, so a request to track cannot state them. */
const notAtTracking: ReadonlySet<FactName> = new Set<FactName>([...actualFields, 'phase', 'phaseReason']);
const legFacts: ReadonlySet<FactName> = new Set<FactName>([
  'departureCity',
  'arrivalCity',
  'scheduledDeparture',
  'scheduledArrival',
]);
const legIdentity = ['flightId', 'carrierCode', 'flightNumber', 'departureAirport', 'arrivalAirport'];

const userId: Parser<UserId> = (value) => {
  const parsed = typeof value === 'string' ? parseUserId(value) : null;
  return parsed === null ? { ok: false, detail: 'must be a user id' } : { ok: true, value: parsed };
};

const explain = (member: string): string | null => {
  if ((derivedFields as readonly string[]).includes(member)) return 'is derived and cannot be set';
  if (legIdentity.includes(member)) return 'names the leg and cannot change';
  return (flightFields as readonly string[]).includes(member) ? 'cannot be set here' : null;
};

const finish = <T>(reader: ObjectReader, result: T): T => {
  reader.refuseRest(explain);
  if (reader.faults.length > 0)
    throw new ContrailError('bad-request', 'The request has faults.', { faults: reader.faults });
  return result;
};

const takeFacts = (reader: ObjectReader, names: readonly FactName[]): Facts => {
  const facts: Record<string, unknown> = {};
  for (const name of names) {
    const value = reader.take(name, factParsers[name] as Parser<unknown>);
    if (value !== undefined) facts[name] = value;
  }
  return facts as Facts;
};

/** The members of `T` that are there: an optional field is absent, never `undefined`. */
const present = <T extends object>(members: { readonly [key in keyof T]: T[key] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;

const designatorOf = (reader: ObjectReader): Pick<LegQuery, 'carrierCode' | 'flightNumber'> => {
  const given = reader.take('carrierCode', carrierCode);
  const number = reader.take('flightNumber', flightNumber);
  if (!reader.has('flightNumber')) reader.fault('flightNumber', 'is required');
  if (number === undefined) return { carrierCode: given ?? '', flightNumber: '' };
  const prefix = /^\d{1,4}[A-Z]?$/.test(number) ? '' : (/^([A-Z0-9]{2,3}?)\d{1,4}[A-Z]?$/.exec(number)?.[1] ?? '');
  const carrier = given ?? prefix;
  if (carrier === '') reader.fault('carrierCode', 'is required unless flightNumber begins with it');
  else if (prefix !== '' && !number.startsWith(carrier)) reader.fault('flightNumber', `does not begin with ${carrier}`);
  return { carrierCode: carrier, flightNumber: number };
};

export const parseTrackRequest = (body: unknown): TrackRequest => {
  const reader = new ObjectReader(body);
  const legValues = takeFacts(reader, [...legFacts]) as Pick<LegQuery, 'departureCity' | 'arrivalCity'>;
  const airports = present<Pick<LegQuery, 'departureAirport' | 'arrivalAirport'>>({
    departureAirport: reader.take('departureAirport', airport),
    arrivalAirport: reader.take('arrivalAirport', airport),
  });
  const query: LegQuery = { ...designatorOf(reader), ...legValues, ...airports };
  const { scheduledDeparture, scheduledArrival } = query;
  if (scheduledDeparture !== undefined && scheduledArrival !== undefined && scheduledArrival <= scheduledDeparture)
    reader.fault('scheduledArrival', 'must lie after scheduledDeparture');
  return finish(reader, {
    ...present<Pick<TrackRequest, 'flightId' | 'source'>>({
      flightId: reader.take('flightId', flightId),
      source: reader.take('source', text(32)),
    }),
    query,
    values: takeFacts(
      reader,
      factNames.filter((name) => !notAtTracking.has(name) && !legFacts.has(name)),
    ),
    boards: reader.take('boards', listOf(boardName, maxBoards)) ?? [],
    watchers: reader.take('watchers', listOf(userId, maxWatchers)) ?? [],
  });
};

/** A manual update: values to set, `null` for overrides to clear, and for how long (`until`). */
export const parsePatch = (body: unknown, now: number): PatchRequest => {
  const reader = new ObjectReader(body);
  const until = reader.take('until', time);
  if (until !== undefined && Date.parse(until) <= now) reader.fault('until', 'must lie in the future');
  const clear = factNames.filter((name) => reader.isNull(name));
  const facts = takeFacts(reader, factNames);
  const set = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, { value, ...(until === undefined ? {} : { until }) }]),
  );
  const force = reader.take('force', flag) ?? false;
  const reason = reader.take('reason', text(200));
  if (force && reason === undefined) reader.fault('reason', 'is required with force');
  if (clear.length === 0 && Object.keys(facts).length === 0 && reader.faults.length === 0)
    reader.fault('', 'names no field to set or to clear');
  return finish(reader, { set, clear, force, ...(reason === undefined ? {} : { reason }) });
};

/** Data from a feed that pushes; `observedAt` is the provider's event time, now when it is absent. */
export const parsePush = (body: unknown, now: number): Snapshot => {
  const reader = new ObjectReader(body);
  const observed = reader.take('observedAt', time);
  const observedAt = observed === undefined ? now : Date.parse(observed);
  if (observedAt > now + maxAheadMs) reader.fault('observedAt', 'must not lie in the future');
  const { phase, ...values } = takeFacts(reader, factNames);
  return finish(reader, { observedAt, values, ...present<{ phase: Phase }>({ phase }) });
};

export const parseWatch = (body: unknown): WatchRequest => {
  const reader = new ObjectReader(body);
  const users = listOf(userId, maxWatchers);
  return finish(reader, { add: reader.take('add', users) ?? [], remove: reader.take('remove', users) ?? [] });
};
