// Flights as OpenAPI shows them. Requests are checked by the flights' own parsers (flights/requests.ts), which list all faults of a body;
// the schemas here only describe.

import { z } from '@hono/zod-openapi';
import type { Flight } from '../flights/flight.js';
import type { FlightHistory } from '../flights/history.js';
import { phases } from '../flights/phases.js';
import { instant } from './schemas.js';

const time = { type: 'string' as const, format: 'date-time', example: '2026-11-22T10:00:00.000Z' };
const flag = { type: 'boolean' as const };
const text = (maxLength: number, example?: string) => ({
  ...{ type: 'string' as const, minLength: 1, maxLength },
  ...(example === undefined ? {} : { example }),
});
const minutes = { type: ['integer', 'null'] as ('integer' | 'null')[] };
const listOf = (maxItems: number, maxLength: number, example: string) => ({
  ...{ type: 'array' as const, items: text(maxLength), maxItems, example: [example] },
});
const phase = { type: 'string' as const, enum: [...phases] as string[] };

/** What may be said about a leg before it begins. */
const plannedFacts = <Time>(at: Time) => ({
  callsign: text(8, 'DAL123'),
  codeshares: listOf(32, 8, 'AF3591'),
  departureCity: text(100, 'Atlanta'),
  arrivalCity: text(100, 'Los Angeles'),
  scheduledDeparture: at,
  estimatedDeparture: at,
  scheduledArrival: at,
  estimatedArrival: at,
  terminal: text(16, 'S'),
  gate: text(16, 'B12'),
  arrivalTerminal: text(16),
  arrivalGate: text(16),
  baggageBelt: text(16),
  aircraft: text(40, 'A321'),
});
const facts = <Time>(at: Time) => ({
  ...plannedFacts(at),
  actualDeparture: at,
  actualOff: at,
  actualArrival: at,
  actualOn: at,
  phase,
  phaseReason: text(200),
});
const leg = {
  flightId: { ...text(64, 'FL-001'), pattern: '^[A-Za-z0-9._~:@-]{1,64}$' },
  carrierCode: { ...text(3, 'DL'), description: 'IATA or ICAO designator of the airline' },
  flightNumber: text(8, '123'),
  departureAirport: { ...text(3, 'ATL'), description: 'IATA code' },
  arrivalAirport: { ...text(3, 'LAX'), description: 'IATA code' },
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const flightShape = {
  type: 'object' as const,
  required: [
    ...['flightId', 'carrierCode', 'flightNumber', 'departureCity', 'arrivalCity', 'scheduledDeparture'],
    ...['scheduledArrival', 'phase', 'source', 'sourceUpdatedAt', 'tracking', 'stale'],
    ...['status', 'delayMinutes', 'arrivalDelayMinutes', 'isDelayed'],
  ],
  properties: {
    ...leg,
    ...facts(instant),
    source: { ...text(32, 'simulator'), description: 'Who gave the newest data' },
    sourceUpdatedAt: instant,
    overrides: {
      type: 'object' as const,
      description: 'Manual values by member: they win over the feed',
      additionalProperties: {
        type: 'object' as const,
        required: ['value'],
        properties: { value: {}, until: instant },
      },
    },
    tracking: { type: 'string' as const, enum: ['active', 'stopped', 'completed'] },
    stale: { ...flag, description: 'Three polling intervals have passed without an answer' },
    status: {
      type: 'string' as const,
      enum: ['on-time', 'delayed', 'boarding', 'departed', 'arrived', 'cancelled', 'diverted'],
      description: 'Derived, as are the following',
    },
    delayMinutes: minutes,
    arrivalDelayMinutes: minutes,
    isDelayed: flag,
  },
};

export const flightSchema = z.custom<Flight>(isObject).openapi('Flight', flightShape);

/** What stopping answers: docs/decisions/stop-answer.md. */
export const stoppedFlightSchema = z
  .custom<Omit<Flight, 'tracking'> & { readonly tracking: false }>(isObject)
  .openapi('StoppedFlight', {
    ...flightShape,
    properties: { ...flightShape.properties, tracking: { type: 'boolean', const: false } },
  });

export const flightUpdateSchema = z.custom<FlightHistory['updates'][number]>(isObject).openapi('FlightUpdate', {
  type: 'object',
  required: ['seq', 'at', 'actor', 'source', 'changes', 'flight'],
  properties: {
    seq: { type: 'integer' },
    at: instant,
    actor: { type: 'string' },
    source: { type: 'string' },
    changes: {
      type: 'object',
      additionalProperties: { type: 'object', required: ['from', 'to'], properties: { from: {}, to: {} } },
    },
    flight: { $ref: '#/components/schemas/Flight' },
    reason: text(200),
    forced: flag,
  },
});

export const trackSchema = z.unknown().openapi('TrackRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['flightNumber'],
  description: 'The leg as far as it is needed to find it; what the source knows of it wins.',
  properties: {
    ...leg,
    ...plannedFacts(time),
    boards: listOf(32, 64, 'tour-7'),
    watchers: listOf(1000, 128, 'alice'),
    source: text(32, 'simulator'),
  },
});

/** The shape, or `null`. */
const nullable = ({ type, enum: values, ...rest }: { readonly type: string; readonly enum?: readonly string[] }) => ({
  ...rest,
  type: [type, 'null'] as ('string' | 'array' | 'null')[],
  ...(values === undefined ? {} : { enum: [...values, null] }),
});
export const patchSchema = z.unknown().openapi('FlightPatch', {
  type: 'object',
  additionalProperties: false,
  description:
    'Values to set; null clears a manual value. `until` ends them; `force` makes any move legal and needs a `reason`.',
  properties: {
    ...Object.fromEntries(Object.entries(facts(time)).map(([name, shape]) => [name, nullable(shape)])),
    until: time,
    force: flag,
    reason: text(200),
  },
});

export const pushSchema = z.unknown().openapi('FlightData', {
  type: 'object',
  additionalProperties: false,
  description: 'Data of a feed that pushes; `observedAt` is the time at which it was so, now unless given.',
  properties: { observedAt: time, ...facts(time) },
});

export const watchSchema = z.unknown().openapi('WatchRequest', {
  type: 'object',
  additionalProperties: false,
  description: 'User ids; an empty object adds the caller.',
  properties: { add: listOf(1000, 128, 'alice'), remove: listOf(1000, 128, 'bob') },
});
