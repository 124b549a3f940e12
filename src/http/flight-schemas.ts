// Flights as OpenAPI shows them. Requests are checked by the flights' own parsers (flights/requests.ts), which list all faults of a body;
// the schemas here only describe.

import { z } from '@hono/zod-openapi';
import type { Flight } from '../flights/flight.js';
import type { FlightHistory } from '../flights/history.js';
import { phases } from '../flights/phases.js';

const time = { type: 'string', format: 'date-time', example: '2026-11-22T10:00:00.000Z' } as const;
const text = { type: 'string' } as const;
const whole = { type: ['integer', 'null'] as ('integer' | 'null')[] };
const textList = { type: 'array', items: { type: 'string' } } as const;

const phaseEnum: string[] = [...phases];
/** What may be said about a leg. */
const facts = {
  callsign: text,
  codeshares: textList,
  departureCity: text,
  arrivalCity: text,
  scheduledDeparture: time,
  estimatedDeparture: time,
  actualDeparture: time,
  actualOff: time,
  scheduledArrival: time,
  estimatedArrival: time,
  actualArrival: time,
  actualOn: time,
  terminal: text,
  gate: text,
  arrivalTerminal: text,
  arrivalGate: text,
  baggageBelt: text,
  aircraft: text,
  phase: { type: 'string', enum: phaseEnum },
  phaseReason: text,
} as const;
const leg = {
  flightId: text,
  carrierCode: { type: 'string', example: 'DL' },
  flightNumber: { type: 'string', example: '123' },
  departureAirport: { type: 'string', example: 'ATL' },
  arrivalAirport: { type: 'string', example: 'LAX' },
} as const;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const flightShape = {
  type: 'object' as const,
  required: ['flightId', 'carrierCode', 'flightNumber', 'departureCity', 'arrivalCity', 'scheduledDeparture', 'status'],
  properties: {
    ...leg,
    ...facts,
    source: text,
    sourceUpdatedAt: time,
    overrides: { type: 'object' as const, additionalProperties: true },
    tracking: { type: 'string' as const, enum: ['active', 'stopped', 'completed'] },
    stale: { type: 'boolean' as const },
    status: {
      type: 'string' as const,
      enum: ['on-time', 'delayed', 'boarding', 'departed', 'arrived', 'cancelled', 'diverted'],
    },
    delayMinutes: whole,
    arrivalDelayMinutes: whole,
    isDelayed: { type: 'boolean' as const },
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
  properties: {
    seq: { type: 'integer' },
    at: time,
    actor: text,
    source: text,
    changes: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { from: {}, to: {} } },
    },
    flight: { $ref: '#/components/schemas/Flight' },
    reason: text,
    forced: { type: 'boolean' },
  },
});

export const trackSchema = z.unknown().openapi('TrackRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['flightNumber'],
  properties: { ...leg, ...facts, boards: textList, watchers: textList, source: text },
});

export const patchSchema = z.unknown().openapi('FlightPatch', {
  type: 'object',
  additionalProperties: false,
  description:
    'Values to set; null clears a manual value. `until` ends them; `force` makes any move legal and needs a `reason`.',
  properties: { ...facts, until: time, force: { type: 'boolean' }, reason: text },
});

export const pushSchema = z.unknown().openapi('FlightData', {
  type: 'object',
  additionalProperties: false,
  description: 'Data of a feed that pushes; `observedAt` is the time at which it was so.',
  properties: { observedAt: time, ...facts },
});

export const watchSchema = z.unknown().openapi('WatchRequest', {
  type: 'object',
  additionalProperties: false,
  description: 'User ids; an empty object adds the caller.',
  properties: { add: textList, remove: textList },
});
