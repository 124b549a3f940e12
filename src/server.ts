// The composition root: the only file that knows every part. `createServer(config)` is also the API for embedding.

import { mkdirSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createAccess, verifierOf } from './access.js';
import { setUpChannels } from './channel-setup.js';
import type { Config } from './config.js';
import { DocumentEdits } from './crdt/document-edits.js';
import { observers, type RoomObserver } from './crdt/room-observer.js';
import { Rooms } from './crdt/rooms.js';
import { createTrial } from './crdt/trial.js';
import { versionQueries } from './crdt/versions.js';
import type { Flights } from './flights/flights.js';
import { openHistory } from './history-setup.js';
import { accessRequests } from './http/access-control.js';
import { accessRoutes } from './http/access-routes.js';
import { apiBase, createApp } from './http/app.js';
import { channelRequests } from './http/channel-control.js';
import { controlHandler } from './http/control.js';
import { documentRoutes } from './http/document-routes.js';
import { editRequests } from './http/edit-requests.js';
import { editRoutes } from './http/edit-routes.js';
import { flightRoutes } from './http/flight-routes.js';
import { Gateway } from './http/gateway.js';
import { historyRoutes } from './http/history-routes.js';
import { IdempotentRequests } from './http/idempotency.js';
import { inboxRequests } from './http/inbox-control.js';
import { notificationRoutes } from './http/notification-routes.js';
import { operationRoutes } from './http/operation-routes.js';
import { isAllowedOrigin } from './http/origin.js';
import { packBinary } from './http/packet.js';
import { presenceRoutes } from './http/presence-routes.js';
import { recoverAnswer } from './http/request-recovery.js';
import { readStaticFiles, staticFiles } from './http/static-files.js';
import { versionRoutes } from './http/version-routes.js';
import { openSqliteLog } from './log/sqlite-log.js';
import { createLogger, type Logger, logError } from './logger.js';
import { asContrailError, ContrailError } from './model/errors.js';
import type { UserId } from './model/ids.js';
import { type Clock, type Random, systemClock } from './model/time.js';
import type { Notifications } from './notify/notifications.js';
import type { NotificationStatistics } from './notify/statistics.js';
import { packageRoot } from './package-root.js';
import { sessionLimits } from './session-limits.js';

export interface ServerParts {
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Entry of the log's writer thread. */
  readonly writerUrl?: URL;
  /** Folder of the demo application's files. */
  readonly webFolder?: string;
}

export interface ContrailServer {
  /** `http://host:port` */
  readonly url: string;
  /** For embedding code: what REST does, as functions. */
  readonly flights: Flights;
  readonly notifications: Notifications;
  /** Stops accepting, commits what is in flight, closes connections with 1012, closes the log. */
  close(): Promise<void>;
}

/** RFC 7518, 3.2. */
const minSecretBytes = 32;
const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

export const createServer = async (config: Config, parts: ServerParts = {}): Promise<ContrailServer> => {
  const { clock = systemClock, random = Math.random, logger = createLogger(config.logLevel) } = parts;
  const verify = verifierOf(config, clock);
  if (!verify && !config.allowAnonymous && !loopback.test(config.host)) {
    throw new ContrailError(
      'forbidden',
      `Without authentication the server listens on loopback addresses only. Set ALLOW_ANONYMOUS=true to listen on ${config.host} all the same.`,
    );
  }
  if (config.jwtSecret !== '' && Buffer.byteLength(config.jwtSecret) < minSecretBytes)
    logger.warn(`JWT_SECRET is short: HS256 wants ${minSecretBytes} random bytes or more`);
  mkdirSync(config.dataDir, { recursive: true });
  const log = await openSqliteLog({
    dataDir: config.dataDir,
    durability: config.durability,
    writerUrl: parts.writerUrl ?? new URL('./writer.js', import.meta.url),
    clock,
  });
  log.onWritable((writable) =>
    logger[writable ? 'info' : 'error'](
      { writable },
      writable ? 'the log can be written again' : 'the log cannot be written',
    ),
  );

  const background = (source: string, error: unknown) =>
    logError(logger, asContrailError(error), 'background work failed', { source });
  const idempotency = new IdempotentRequests({
    log,
    clock,
    recover: (deed, context) => recoverAnswer({ app, notifications }, deed, context),
  });
  const channels = await setUpChannels({
    config,
    log,
    clock,
    random,
    onFault: background,
    onUnknownValue: (unknown) => logger.warn({ ...unknown }, 'a source said something unknown'),
    online: () => [...usersOf(gateway)],
    around: (commit) => idempotency.commit(commit),
  });
  const { flights, notifications } = channels;

  const startedAt = clock.now();
  const watching: RoomObserver[] = [];
  const rooms = new Rooms({
    log,
    clock,
    pack: packBinary,
    maxRooms: config.maxRooms,
    idleMs: config.roomIdleSeconds * 1000,
    onDropped: (document, error) => logError(logger, error, 'room dropped', { document }),
    observer: observers(watching),
  });
  const access = createAccess({ config, log, creations: idempotency.log(log), rooms, clock, random }, verify);
  const { admission, documents, locks, membership, presence } = access;
  watching.push(access.observer);
  const history = openHistory(config, clock);
  const edits = new DocumentEdits({
    rooms,
    history,
    clock,
    assertEditor: (id, actor) => void documents.authorize(id, actor, 'edit'),
    assertUnlocked: (id, actor) => locks.assertUnlocked(id, actor),
  });
  const gateway = new Gateway({
    rooms,
    documents,
    clock,
    control: controlHandler(
      channelRequests,
      inboxRequests(notifications),
      accessRequests({ locks }),
      editRequests({ documents, edits }),
    ),
    overlay: (userId) => channels.overlay(userId),
    entering: (userId) => notifications.personSeen(userId),
    trial: createTrial({
      workerUrl: new URL('./trial-worker.js', import.meta.url),
      maxMs: 10_000,
      maxHeapMiB: 1024,
      maxWaiting: 16,
    }),
    authenticate: (request, parameters) => admission.connection(request, parameters),
    mayConnect: (address) => admission.mayConnect(address),
    allowedOrigins: config.allowedOrigins,
    autoCreate: config.autoCreate,
    defaultChannels: config.channels,
    sessionLimits: sessionLimits(config),
    connectionLimits: {
      maxQueuedBytes: config.maxQueuedBytes,
      maxStalledBytes: config.maxStalledBytes,
      maxStalledMs: config.maxStalledSeconds * 1000,
    },
    maxFrameBytes: config.maxFrameBytes,
    framesPerSecond: config.maxFramesPerSecond,
    framesBurst: config.maxFramesBurst,
    maxConnections: config.maxConnections,
    maxConnectionsPerRoom: config.maxConnectionsPerRoom,
    // An audit line where people are known; in open mode it would say who somebody claims to be.
    onOpened: (visit) => logger[verify ? 'info' : 'debug'](visit, 'connected'),
    onClosed: (visit, error) => logError(logger, error, 'connection closed', { ...visit }),
  });

  const app = createApp({
    authenticate: (request, address) => admission.request(request.headers, address),
    isAllowedOrigin: (origin, host) => isAllowedOrigin(origin, host, config.allowedOrigins),
    onError: (error, path) => logError(logger, error, 'request failed', { path }),
  });
  app.use(`${apiBase}/*`, idempotency.middleware);
  app.route(
    '/',
    operationRoutes({
      log,
      statistics: () => ({
        ...count(gateway),
        documents: { total: documents.count, open: rooms.size },
        edits: rooms.edits,
        flights: channels.flightCounts(),
        notifications: totalsOf(notifications.stats()),
        uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
      }),
    }),
  );
  app.route(apiBase, accessRoutes({ documents, membership, locks }));
  app.route(apiBase, presenceRoutes({ documents, presence, rooms }));
  const versions = versionQueries(log.db);
  app.route(apiBase, documentRoutes({ documents, history, random }));
  app.route(apiBase, historyRoutes({ documents, history }));
  app.route(apiBase, editRoutes({ documents, edits, versions }));
  app.route(apiBase, versionRoutes({ documents, edits, versions }));
  app.route(apiBase, flightRoutes({ flights: channels.flights }));
  app.route(apiBase, notificationRoutes(notifications));

  app.use(staticFiles(readStaticFiles(parts.webFolder ?? join(packageRoot, 'dist', 'web'))));

  flights.start();
  notifications.start();
  const http = createHttpServer(getRequestListener(app.fetch));
  http.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(config.port, config.host, resolve);
  });
  const { address, port, family } = http.address() as AddressInfo;

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    flights,
    notifications,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      await channels.close();
      await gateway.stop();
      await notifications.close();
      rooms.close(new ContrailError('restarting', 'the server is restarting'));
      access.close();
      http.closeAllConnections();
      await closed;
      await history.close();
      await log.close();
    },
  };
};

const usersOf = (gateway: Gateway): ReadonlySet<UserId> => {
  const users = new Set<UserId>();
  for (const { session } of gateway.connections) if (session) users.add(session.actor.userId);
  return users;
};

const count = (gateway: Gateway): { connections: number; users: number } => ({
  connections: gateway.connections.size,
  users: usersOf(gateway).size,
});

const totalsOf = ({ sent, byState, broadcasts }: NotificationStatistics) => ({
  total: sent,
  unread: byState.unread,
  broadcasts: broadcasts.total,
});
