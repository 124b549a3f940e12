// Puts together what operators see: statistics, metrics, health. A part of the composition root.

import type { Channels } from './channel-setup.js';
import type { Config } from './config.js';
import type { Documents } from './crdt/documents.js';
import type { CollaborativeStatistics } from './crdt/editing-statistics.js';
import type { HistoryPool } from './crdt/history-pool.js';
import type { Rooms } from './crdt/rooms.js';
import type { Feed } from './feed-setup.js';
import type { App } from './http/app.js';
import type { Gateway } from './http/gateway.js';
import type { Metrics } from './http/metrics.js';
import { operationRoutes } from './http/operation-routes.js';
import { backlogOf, type Traffic } from './http/traffic.js';
import type { EventLog } from './model/event-log.js';
import type { UserId } from './model/ids.js';
import type { Clock } from './model/time.js';
import type { NotificationStatistics } from './notify/statistics.js';

export interface OperationParts {
  readonly config: Config;
  readonly log: EventLog;
  readonly gateway: Gateway;
  readonly rooms: Rooms;
  readonly documents: Documents;
  readonly channels: Channels;
  readonly feed: Feed;
  readonly traffic: Traffic;
  readonly metrics: Metrics;
  readonly collaborative: () => CollaborativeStatistics;
  readonly history: Pick<HistoryPool, 'warming'>;
  readonly clock: Clock;
  /** Unix ms. */
  readonly startedAt: number;
}

/** Who has a connection. */
export const usersOf = (gateway: Gateway): ReadonlySet<UserId> => {
  const users = new Set<UserId>();
  for (const { session } of gateway.connections) if (session) users.add(session.actor.userId);
  return users;
};

export const operations = (parts: OperationParts): App => {
  const { config, log, gateway, rooms, documents, channels, feed, traffic, metrics, collaborative, clock } = parts;
  const { flights, notifications } = channels;
  const now = () => ({
    connections: gateway.connections.size,
    users: usersOf(gateway).size,
    edits: rooms.counts.edits,
    uptimeSeconds: Math.floor((clock.now() - parts.startedAt) / 1000),
  });
  return operationRoutes({
    log,
    warming: () => parts.history.warming,
    statistics: () => ({
      ...now(),
      documents: { total: documents.count, open: rooms.size },
      flights: channels.flightCounts(),
      notifications: totalsOf(notifications.stats()),
    }),
    notifications: () => notifications.stats(),
    collaborative,
    metrics,
    metricsToken: config.metricsToken,
    measured: () => {
      const { byType, byState } = notifications.stats();
      return {
        ...now(),
        rooms: rooms.size,
        documents: documents.count,
        ...inRooms(rooms),
        counts: rooms.counts,
        traffic,
        backlog: backlogOf(gateway.connections),
        log: log.stats(),
        flights: flights.count(),
        flightStatuses: countsOf(flights.active().map(({ status }) => status)),
        flightRequests: flights.polling().requests,
        unknownFlightValues: channels.flightCounts().unknownValues,
        notifications: byType,
        notificationStates: byState,
        webhook: feed.webhook?.counts ?? { delivered: 0, events: 0, failures: 0, behind: 0 },
      };
    },
  });
};

const inRooms = (rooms: Rooms): { readonly pendingEvents: number; readonly presences: number } => {
  let pendingEvents = 0;
  let presences = 0;
  for (const room of rooms.all()) {
    pendingEvents += room.head - room.seq;
    presences += room.awareness.size;
  }
  return { pendingEvents, presences };
};

const countsOf = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const totalsOf = ({ sent, byState, broadcasts }: NotificationStatistics) => ({
  total: sent,
  unread: byState.unread,
  broadcasts: broadcasts.total,
});
