// Puts flights and notifications behind their channels: view documents whose content comes from the projections of the domains that own
// them.

import { join } from 'node:path';
import type { Config } from './config.js';
import { Overlay } from './crdt/overlay.js';
import { type FlightPosition, PositionChannel } from './crdt/position-channel.js';
import { ViewClients } from './crdt/view-clients.js';
import { Views } from './crdt/views.js';
import { flightSources } from './flight-sources.js';
import { createFlights, type Flights } from './flights/flights.js';
import { FlightQueries } from './flights/flights-projection.js';
import { createPositionFeed } from './flights/position-feed.js';
import { readReferenceData } from './flights/sources/reference-data.js';
import type { Source, UnknownValue } from './flights/sources/source.js';
import type { FlightCounts } from './http/operation-routes.js';
import { packBinary } from './http/packet.js';
import type { SqliteLog } from './log/sqlite-log.js';
import { parseStreamName, type StreamName, type UserId } from './model/ids.js';
import type { Json } from './model/json.js';
import { type Clock, formatTime, type Random } from './model/time.js';
import type { CommitChange, EntryPatch } from './model/views.js';
import { createNotifications, type Notifications } from './notify/notifications.js';
import { packageRoot } from './package-root.js';

export interface ChannelParts {
  readonly config: Config;
  readonly log: SqliteLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (source: string, error: unknown) => void;
  readonly onUnknownValue: (unknown: UnknownValue) => void;
  /** Who is connected now. */
  readonly online: () => readonly UserId[];
  /** Goes around every commit of the domains. */
  readonly around: (commit: CommitChange) => CommitChange;
}

export interface Channels {
  readonly flights: Flights;
  readonly notifications: Notifications;
  readonly views: Views;
  /** An overlay for one connection of this person. */
  overlay(userId: UserId): Overlay;
  /** What `/stats` says of flights. */
  flightCounts(): FlightCounts;
  /** Stops asking sources; resolves once changes under way have ended. */
  close(): Promise<void>;
}

const samples = join(packageRoot, 'data', 'samples');

export const setUpChannels = async (parts: ChannelParts): Promise<Channels> => {
  const { config, log, clock, random, onFault, online } = parts;
  const clients = new ViewClients(log.db);
  const content = (view: StreamName): readonly EntryPatch[] => {
    const stream = parseStreamName(view);
    if (stream?.type === 'view') return notifications.inboxWindow(stream.name as UserId, clock.now());
    if (stream?.type !== 'board') return [];
    return flights.board(stream.name).map((flight) => ({
      key: flight.flightId,
      fields: { ...flight } as unknown as Record<string, Json | undefined>,
    }));
  };
  const views = new Views({ log, clients, clock, random, content, pack: packBinary, onFault });
  const commit = parts.around(views.commit);
  const notifications = createNotifications({
    log,
    db: log.db,
    commit,
    clock,
    random,
    online,
    openInboxes: () => inboxesOf(views.open()),
    config: { inboxWindow: config.inboxWindow },
    report: (error) => onFault('notifications', error),
  });
  const reference = await readReferenceData(samples);
  const origins = flightSources(config, {
    clock,
    reference,
    simulatedUntil: newestSimulated(new FlightQueries(log.db)),
    onUnknown: parts.onUnknownValue,
  });
  const flights = createFlights({
    log,
    db: log.db,
    commit,
    notify: notifications.flightNotices,
    clock,
    random,
    sources: origins.sources,
    config: {
      defaultSource: config.flightSource,
      pollSeconds: config.flightPollSeconds,
      delayThresholdMinutes: config.delayThresholdMinutes,
      lingerMinutes: config.flightLingerMinutes,
    },
    onFault,
  });
  const positions = origins.positions && followPositions(origins.positions, flights, parts);
  return {
    flights,
    notifications,
    views,
    overlay: (userId) => new Overlay({ views, clients, userId, positions: positions?.channel ?? null }),
    flightCounts: () => ({
      ...flights.count(),
      unknownValues: origins.unknownValues(),
      sourceTime: formatTime(flights.sourceTime()),
    }),
    async close() {
      positions?.close();
      await flights.close();
    },
  };
};

const newestSimulated = (queries: FlightQueries): number | null =>
  queries
    .active()
    .filter(({ polled }) => polled === 'simulator')
    .reduce<number | null>(
      (newest, { sourceUpdatedAt }) => (sourceUpdatedAt === null ? newest : Math.max(newest ?? 0, sourceUpdatedAt)),
      null,
    );

const followPositions = (
  source: Source,
  flights: Flights,
  { config, clock, onFault }: ChannelParts,
): { readonly channel: PositionChannel; close(): void } => {
  const feed = createPositionFeed({
    source,
    clock,
    intervalMs: config.openSkySeconds * 1000,
    flights: () => flights.active(),
    onPositions: (positions) => channel.show(positions as unknown as readonly FlightPosition[]),
    onFault,
  });
  const channel = new PositionChannel({
    pack: packBinary,
    now: () => clock.now(),
    onWanted: (count) => feed.want(count),
  });
  return { channel, close: () => feed.close() };
};

const inboxPrefix = 'view/';
const inboxesOf = (views: Iterable<StreamName>): readonly UserId[] => {
  const users: UserId[] = [];
  for (const view of views) if (view.startsWith(inboxPrefix)) users.push(view.slice(inboxPrefix.length) as UserId);
  return users;
};
