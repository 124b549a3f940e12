// Routes for whoever runs the server: is it alive, can it write, what is it doing.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { CollaborativeStatistics } from '../crdt/editing-statistics.js';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { NotificationStatistics } from '../notify/statistics.js';
import { type App, apiBase, createRouter } from './app.js';
import { bearerToken } from './authentication.js';
import type { Metrics, ServerSource } from './metrics.js';
import { statisticsSchema } from './notification-schemas.js';
import { refuses } from './route-completion.js';
import { jsonAnswer } from './route-parts.js';
import { instantSchema } from './schemas.js';

export interface FlightCounts {
  readonly active: number;
  readonly stopped: number;
  readonly completed: number;
  /** How often a source said something that nobody here knows. */
  readonly unknownValues: number;
  /** The time in which the default source's flights live, RFC 3339: ahead of the clock when they are simulated faster than it. */
  readonly sourceTime: string;
}

export interface Statistics {
  readonly connections: number;
  readonly users: number;
  readonly documents: { readonly total: number; readonly open: number };
  readonly edits: number;
  readonly flights: FlightCounts;
  readonly notifications: { readonly total: number; readonly unread: number; readonly broadcasts: number };
  readonly uptimeSeconds: number;
}

export interface OperationRoutesOptions {
  readonly log: EventLog;
  /** Whether some answers would still be slow because the process has just started. */
  readonly warming: () => boolean;
  readonly statistics: () => Statistics;
  readonly notifications: () => NotificationStatistics;
  readonly collaborative: () => CollaborativeStatistics;
  readonly metrics: Metrics;
  /** What the metrics are made of. */
  readonly measured: () => ServerSource;
  /** Whom `/metrics` is for: whoever has this token, or everybody where it is empty. */
  readonly metricsToken: string;
}

const statusSchema = z.object({ status: z.string() });

const stats = createRoute({
  method: 'get',
  path: `${apiBase}/stats`,
  operationId: 'readStatistics',
  ...refuses(),
  summary: 'What the server is doing',
  responses: {
    200: {
      description: 'Counts since the start and at this moment',
      content: {
        'application/json': {
          schema: z
            .object({
              connections: z.number().int(),
              users: z.number().int(),
              documents: z.object({ total: z.number().int(), open: z.number().int() }),
              edits: z.number().int(),
              flights: z.object({
                active: z.number().int(),
                stopped: z.number().int(),
                completed: z.number().int(),
                unknownValues: z.number().int(),
                sourceTime: instantSchema,
              }),
              notifications: z.object({
                total: z.number().int(),
                unread: z.number().int(),
                broadcasts: z.number().int(),
              }),
              log: z.object({
                lastId: z.number().int(),
                streams: z.number().int(),
                bytes: z.number().int(),
                walBytes: z.number().int(),
                commits: z.number().int(),
                events: z.number().int(),
                lastCommitMs: z.number(),
                writable: z.boolean(),
              }),
              uptimeSeconds: z.number().int(),
            })
            .openapi('Statistics'),
        },
      },
    },
  },
});

const live = createRoute({
  method: 'get',
  path: '/healthz/live',
  operationId: 'readLiveness',
  ...refuses(),
  security: [],
  summary: 'Whether the process answers',
  responses: { 200: { description: 'It does', content: { 'application/json': { schema: statusSchema } } } },
});

const ready = createRoute({
  method: 'get',
  path: '/healthz/ready',
  operationId: 'readReadiness',
  ...refuses('log-unavailable'),
  security: [],
  summary: 'Whether the log can be written and the server has started',
  responses: {
    200: { description: 'It can', content: { 'application/json': { schema: statusSchema } } },
  },
});

const notificationStats = createRoute({
  method: 'get',
  path: `${apiBase}/stats/notifications`,
  operationId: 'readNotificationStatistics',
  ...refuses(),
  summary: 'Notifications by type, priority and state',
  responses: { 200: jsonAnswer(statisticsSchema, 'Consistent with the log') },
});

const count = z.number().int();
const listedDocument = z.object({ documentId: z.string(), title: z.string(), ownerId: z.string(), edits: count });
const collaborativeSchema = z
  .object({
    documents: z
      .object({ total: count, open: count, locked: count })
      .describe('Documents that are not deleted; of these, in memory, and locked'),
    activeUsers: count.describe('People who have a document open'),
    edits: count.describe('All in the log, those of deleted documents included'),
    editors: count.describe('Different people who made these; the server itself is none'),
    bytes: count.describe('What the updates of all documents weigh in the log'),
    largest: z
      .array(listedDocument.extend({ bytes: count.describe('What its updates weigh in the log') }))
      .describe('At most ten that are not deleted, the largest first'),
    busiest: z
      .array(listedDocument.extend({ editors: count.describe('Different people who made these edits') }))
      .describe('At most ten that are not deleted, by their edits within the window, the busiest first'),
    window: z
      .object({ since: instantSchema, hours: count })
      .describe(
        'What `busiest` counts: so many hours, from the beginning of an hour on, and what the newest one has so far',
      ),
  })
  .openapi('CollaborativeStatistics');
const collaborativeStats = createRoute({
  method: 'get',
  path: `${apiBase}/stats/collaborative`,
  operationId: 'readCollaborativeStatistics',
  ...refuses(),
  summary: 'Documents, edits, editors, largest, busiest',
  description: 'An edit is an event of the kind `edit`, `undo`, `redo` or `restored`.',
  responses: { 200: jsonAnswer(collaborativeSchema, 'Consistent with the log') },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'readMetrics',
  ...refuses(),
  security: [],
  summary: 'The state of the server for Prometheus',
  responses: {
    200: { description: 'The text format of Prometheus', content: { 'text/plain': { schema: z.string() } } },
  },
});

/** Takes the same time whatever is given. */
const isSame = (given: string, expected: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
};

/** Where a token is wanted. */
const guardedMetricsRoute = {
  ...metricsRoute,
  ...refuses('unauthenticated'),
  description: 'METRICS_TOKEN must come as `Authorization: Bearer`.',
};

const assertAdmin = ({ admin }: Actor): void => {
  if (!admin) throw new ContrailError('forbidden', 'Only an admin may see these.');
};

export const operationRoutes = (options: OperationRoutesOptions): App => {
  const { log, warming, statistics, notifications, collaborative, metrics, measured, metricsToken } = options;
  const router = createRouter();
  router.openapi(notificationStats, (context) => {
    assertAdmin(context.get('actor'));
    return context.json(notifications(), 200);
  });
  router.openapi(collaborativeStats, (context) => {
    assertAdmin(context.get('actor'));
    const now = collaborative();
    return context.json({ ...now, largest: [...now.largest], busiest: [...now.busiest] }, 200);
  });
  router.openapi(metricsToken === '' ? metricsRoute : guardedMetricsRoute, async (context) => {
    if (metricsToken !== '' && !isSame(bearerToken(context.req.header('authorization')) ?? '', metricsToken))
      throw new ContrailError('unauthenticated', 'The metrics are for whoever has the METRICS_TOKEN.');
    return context.text(await metrics.text(measured()), 200, { 'content-type': metrics.contentType });
  });
  router.openapi(stats, (context) => {
    const now = statistics();
    return context.json({ ...now, log: { ...log.stats() } }, 200);
  });
  router.openapi(live, (context) => context.json({ status: 'live' }, 200));
  router.openapi(ready, (context) => {
    if (!log.stats().writable) throw new ContrailError('log-unavailable', 'The event log cannot write now.');
    if (warming()) throw new ContrailError('restarting', 'The server is still starting.');
    return context.json({ status: 'ready' }, 200);
  });
  return router;
};
