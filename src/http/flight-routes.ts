// REST: flights (docs/rest.md, docs/flights.md). Everybody may read and watch; tracking and changing is for admins (docs/access.md).

import { createRoute, z } from '@hono/zod-openapi';
import type { Flight } from '../flights/flight.js';
import type { Flights } from '../flights/flights.js';
import { parseWatch } from '../flights/requests.js';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import { type App, apiBase, createRouter } from './app.js';
import { decodeCursor, decodeKey, encodeCursor, encodeKey, nextLink } from './cursor.js';
import {
  flightSchema,
  flightUpdateSchema,
  patchSchema,
  pushSchema,
  stoppedFlightSchema,
  trackSchema,
  watchSchema,
} from './flight-schemas.js';
import { refuses } from './route-completion.js';
import { createdAnswer, jsonAnswer, jsonBody } from './route-parts.js';
import { limitSchema, wholeNumber } from './schemas.js';

const flightAnswer = { 200: jsonAnswer(flightSchema, 'The flight') };
const params = z.object({ flightId: z.string().min(1).max(128).openapi({ example: 'FL-001' }) });
const next = z.string().max(128).optional();

const active = createRoute({
  method: 'get',
  path: '/flights/active',
  operationId: 'listActiveFlights',
  ...refuses(),
  summary: 'List the flights that are tracked now',
  request: { query: z.strictObject({ limit: limitSchema, next }) },
  responses: {
    200: jsonAnswer(
      z.object({ flights: z.array(flightSchema), count: z.number().int(), next: z.string().nullable() }),
      'A page; `count` is of all',
    ),
  },
});

const track = createRoute({
  method: 'post',
  path: '/flights/track',
  operationId: 'trackFlight',
  ...refuses('conflict', 'already-exists', 'ambiguous-flight', 'not-found'),
  summary: 'Track a flight',
  request: { body: jsonBody(trackSchema) },
  responses: {
    200: jsonAnswer(flightSchema, 'It was tracked already'),
    201: createdAnswer(flightSchema, 'It is tracked from now on'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/flights/{flightId}',
  operationId: 'readFlight',
  ...refuses('not-found'),
  summary: 'Read a flight',
  request: { params },
  responses: flightAnswer,
});

const patch = createRoute({
  method: 'patch',
  path: '/flights/{flightId}',
  operationId: 'changeFlight',
  ...refuses('not-found', 'illegal-move', 'conflict'),
  summary: 'Change a flight by hand',
  request: { params, body: jsonBody(patchSchema) },
  responses: flightAnswer,
});

const push = createRoute({
  method: 'post',
  path: '/flights/{flightId}/updates',
  operationId: 'pushFlightData',
  ...refuses('not-found', 'illegal-move', 'conflict'),
  summary: 'Hand in data of a feed that pushes',
  request: { params, body: jsonBody(pushSchema) },
  responses: flightAnswer,
});

const stop = createRoute({
  method: 'post',
  path: '/flights/{flightId}/stop',
  operationId: 'stopFlight',
  ...refuses('not-found', 'conflict'),
  summary: 'Stop tracking a flight; its history stays',
  request: { params },
  responses: { 200: jsonAnswer(stoppedFlightSchema, 'The flight, with `tracking: false`') },
});

const watch = createRoute({
  method: 'post',
  path: '/flights/{flightId}/watch',
  operationId: 'watchFlight',
  ...refuses('not-found', 'conflict'),
  summary: 'Be told of changes of a flight, or no longer',
  request: { params, body: jsonBody(watchSchema, false) },
  responses: {
    200: jsonAnswer(z.object({ flight: flightSchema, watching: z.boolean() }), 'Whether the caller watches it now'),
  },
});

const history = createRoute({
  method: 'get',
  path: '/flights/{flightId}/history',
  operationId: 'listFlightHistory',
  ...refuses('not-found'),
  summary: "List a flight's changes",
  request: { params, query: z.strictObject({ after: wholeNumber(0).optional(), limit: limitSchema, next }) },
  responses: {
    200: jsonAnswer(
      z.object({ flightId: z.string(), updates: z.array(flightUpdateSchema), next: z.string().nullable() }),
      'A page, oldest first',
    ),
  },
});

export const flightRoutes = ({ flights }: { readonly flights: Flights }): App => {
  const router = createRouter();

  router.openapi(active, (context) => {
    const { limit, next: cursor } = context.req.valid('query');
    const after = cursor === undefined ? {} : { after: decodeKey(cursor) };
    const page = flights.active({ ...after, limit: limit + 1 });
    const shown = page.slice(0, limit);
    const last = page.length > limit ? shown.at(-1) : undefined;
    const following = last ? encodeKey(last.flightId) : null;
    if (following) context.header('link', nextLink(context.req.url, following));
    return context.json({ flights: [...shown], count: flights.count().active, next: following }, 200);
  });

  router.openapi(track, async (context) => {
    const { flight, created } = await flights.track(context.req.valid('json'), admin(context.get('actor')).userId);
    if (!created) return context.json(flight, 200);
    return context.json(flight, 201, {
      location: `${apiBase}/flights/${encodeURIComponent(flight.flightId)}`,
    });
  });

  router.openapi(read, (context) => context.json(flights.get(context.req.valid('param').flightId), 200));

  router.openapi(patch, async (context) => {
    const { userId } = admin(context.get('actor'));
    return context.json(
      await flights.update(context.req.valid('param').flightId, context.req.valid('json'), userId),
      200,
    );
  });

  router.openapi(push, async (context) => {
    const { userId } = admin(context.get('actor'));
    return context.json(
      await flights.push(context.req.valid('param').flightId, context.req.valid('json'), userId),
      200,
    );
  });

  router.openapi(stop, async (context) => {
    const { userId } = admin(context.get('actor'));
    const flight = await flights.stop(context.req.valid('param').flightId, userId);
    // Here alone it is a boolean: docs/decisions/stop-answer.md.
    return context.json({ ...flight, tracking: false as const }, 200);
  });

  router.openapi(watch, async (context) => {
    const actor = context.get('actor');
    const { flightId } = context.req.valid('param');
    const given = parseWatch(context.req.valid('json') ?? {});
    const asksNothing = given.add.length === 0 && given.remove.length === 0;
    const request = asksNothing ? { add: [actor.userId], remove: [] } : given;
    if (!actor.admin && [...request.add, ...request.remove].some((userId) => userId !== actor.userId))
      throw new ContrailError('forbidden', 'You may decide for yourself alone whether to watch a flight.');
    const flight: Flight = await flights.watch(flightId, request, actor.userId);
    return context.json({ flight, watching: flights.watchers(flightId).includes(actor.userId) }, 200);
  });

  router.openapi(history, async (context) => {
    const { after, limit, next: cursor } = context.req.valid('query');
    const from = cursor === undefined ? after : decodeCursor(cursor);
    const page = await flights.history(context.req.valid('param').flightId, {
      limit,
      ...(from === undefined ? {} : { after: from }),
    });
    const following = page.next === null ? null : encodeCursor(page.next);
    if (following) context.header('link', nextLink(context.req.url, following));
    return context.json({ flightId: page.flightId, updates: [...page.updates], next: following }, 200);
  });

  return router;
};

const admin = (actor: Actor): Actor => {
  if (!actor.admin) throw new ContrailError('forbidden', 'Only admins track and change flights.');
  return actor;
};
