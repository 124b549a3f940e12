// Which flight a request to track means: one that is tracked already, a new leg, or too many to say.

import { ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';
import type { Leg } from './flight.js';
import type { FlightQueries } from './flights-projection.js';
import { completeLeg, designator, fitsQuery, flightIdOf, freeFlightId, type LegQuery, sameLeg } from './legs.js';
import type { TrackRequest } from './requests.js';
import { type Source, SourceError } from './sources/source.js';
import { type FlightState, recordOf } from './state.js';

export type TrackTarget =
  | { readonly kind: 'known'; readonly flightId: string }
  | { readonly kind: 'new'; readonly flightId: string; readonly leg: Leg };

/** A tracked leg fits as it was published, and as it is scheduled now. */
const means = (query: LegQuery, state: FlightState): boolean => {
  const { scheduledDeparture, scheduledArrival } = recordOf(state);
  return fitsQuery(query, state.leg) || fitsQuery(query, { ...state.leg, scheduledDeparture, scheduledArrival });
};

const ambiguous = (candidates: readonly JsonObject[]): ContrailError =>
  new ContrailError('ambiguous-flight', 'Several legs match; say which by places and scheduledDeparture.', {
    extra: { candidates },
  });

const candidateOf = (leg: Leg, flightId?: string): JsonObject => ({
  ...(flightId === undefined ? {} : { flightId }),
  ...(leg as unknown as JsonObject),
});

const missing = (query: LegQuery, source: string): ContrailError => {
  const needed = ['departureCity', 'arrivalCity', 'scheduledDeparture', 'scheduledArrival'] as const;
  const faults = needed
    .filter((field) => query[field] === undefined)
    .map((field) => ({ at: `/${field}`, detail: `is required: the source ${source} does not know this flight` }));
  return new ContrailError('bad-request', 'The request has faults.', { faults });
};

const search = async (source: Source, query: LegQuery): Promise<readonly Leg[]> => {
  try {
    return await source.search(query);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new ContrailError('overloaded', `The source ${source.name} cannot be asked now.`, { cause: error });
  }
};

/** The leg that is meant, from a complete query or from what the source knows. */
const findLeg = async (query: LegQuery, source: Source): Promise<Leg> => {
  const complete = completeLeg(query);
  if (complete !== null) return complete;
  const legs = await search(source, query);
  if (legs.length > 1) throw ambiguous(legs.map((leg) => candidateOf(leg)));
  const [leg] = legs;
  if (leg === undefined) throw missing(query, source.name);
  return leg;
};

/**
 * Throws `ambiguous-flight` with the candidates, `already-exists` when the id asked for belongs to another leg, `bad-request`
 * when the leg is neither named in full nor known to the source, and `overloaded` when the source cannot be asked.
 */
export const findTrackTarget = async (
  request: TrackRequest,
  source: Source,
  queries: FlightQueries,
): Promise<TrackTarget> => {
  const { query, flightId } = request;
  const owner = flightId === undefined ? null : queries.byId(flightId);
  if (owner !== null) {
    if (means(query, owner)) return { kind: 'known', flightId: owner.flightId };
    throw new ContrailError('already-exists', `The flight id ${owner.flightId} belongs to another leg.`);
  }
  const fitting = queries.byDesignator(designator(query)).filter((state) => means(query, state));
  const active = fitting.filter((state) => state.tracking === 'active');
  const complete = completeLeg(query) !== null;
  if (active.length > 1) throw ambiguous(active.map((state) => candidateOf(state.leg, state.flightId)));
  const [tracked] = active.length > 0 ? active : complete ? fitting : [];
  if (tracked !== undefined) return { kind: 'known', flightId: tracked.flightId };

  const leg = await findLeg(query, source);
  const earlier = fitting.find((state) => sameLeg(leg, state.leg));
  if (earlier !== undefined) return { kind: 'known', flightId: earlier.flightId };
  const isTaken = (id: string): boolean => queries.byId(id) !== null;
  return { kind: 'new', flightId: flightId ?? freeFlightId(flightIdOf(leg), isTaken), leg };
};
