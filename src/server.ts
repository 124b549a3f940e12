// The composition root: the only file that knows every part. What embedding code and the command line call is contrail.ts.

import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createAccess, tokenIdentity } from './access.js';
import { setUpChannels } from './channel-setup.js';
import { type Config, ConfigError } from './config.js';
import { DecidedRoles } from './crdt/decided-roles.js';
import { DocumentEdits } from './crdt/document-edits.js';
import { collaborativeStatistics } from './crdt/editing-statistics.js';
import { Messages } from './crdt/messages.js';
import { observers, type RoomObserver } from './crdt/room-observer.js';
import { Rooms } from './crdt/rooms.js';
import { createTrial } from './crdt/trial.js';
import { versionQueries } from './crdt/versions.js';
import { setUpFeed } from './feed-setup.js';
import { openHistory } from './history-setup.js';
import { attach, type Host, type HostHandlers, listen } from './host.js';
import { accessRequests } from './http/access-control.js';
import { accessRoutes } from './http/access-routes.js';
import { apiDocs } from './http/api-docs.js';
import { apiBase, createApp } from './http/app.js';
import { channelRequests } from './http/channel-control.js';
import { clientAddress } from './http/client-address.js';
import { controlHandler } from './http/control.js';
import { documentRoutes } from './http/document-routes.js';
import { editRequests } from './http/edit-requests.js';
import { editRoutes } from './http/edit-routes.js';
import { flightRoutes } from './http/flight-routes.js';
import { Gateway } from './http/gateway.js';
import { historyRoutes } from './http/history-routes.js';
import { IdempotentRequests } from './http/idempotency.js';
import { inboxRequests } from './http/inbox-control.js';
import { messageRoutes } from './http/message-routes.js';
import { createMetrics } from './http/metrics.js';
import { notificationRoutes } from './http/notification-routes.js';
import { isAllowedOrigin } from './http/origin.js';
import { packBinary } from './http/packet.js';
import { presenceRoutes } from './http/presence-routes.js';
import { recoverAnswer } from './http/request-recovery.js';
import { decideRole } from './http/role-decision.js';
import { readStaticFiles, staticFiles } from './http/static-files.js';
import { Traffic } from './http/traffic.js';
import { unreadable } from './http/unread-request.js';
import { versionRoutes } from './http/version-routes.js';
import { openSqliteLog } from './log/sqlite-log.js';
import { createLogger, logError } from './logger.js';
import { asContrailError, ContrailError } from './model/errors.js';
import { systemClock } from './model/time.js';
import { operations, usersOf } from './operation-setup.js';
import { packageRoot, packageVersion } from './package-root.js';
import type { RunningServer, ServerParts } from './running-server.js';
import { sessionLimits } from './session-limits.js';

/** RFC 7518, 3.2. */
const minSecretBytes = 32;
const loopback = /^((::ffff:)?127(\.\d{1,3}){3}|::1|localhost)$/;

export const startServer = async (config: Config, parts: ServerParts = {}): Promise<RunningServer> => {
  const { clock = systemClock, random = Math.random, logger = createLogger(config.logLevel), lent = null } = parts;
  const identify = parts.identify ?? tokenIdentity(config, clock);
  if (!lent && !identify && !config.allowAnonymous && !loopback.test(config.host)) {
    throw new ConfigError([
      `HOST=${config.host}: without authentication only loopback addresses are listened on; set JWT_SECRET or JWKS_URL, or ALLOW_ANONYMOUS=true to listen there all the same`,
    ]);
  }
  if (config.jwtSecret !== '' && Buffer.byteLength(config.jwtSecret) < minSecretBytes)
    logger.warn(`JWT_SECRET is short: HS256 wants ${minSecretBytes} random bytes or more`);
  /** In open mode everybody is whom they say, so only this machine is heard, whichever server the request came through. */
  const assertHeard = (socket: Pick<Socket, 'localAddress'> | undefined): void => {
    if (identify || config.allowAnonymous || loopback.test(socket?.localAddress ?? '')) return;
    throw new ContrailError('forbidden', 'Without authentication only loopback addresses are heard.');
  };
  const addressOf = clientAddress(config.trustedProxies);
  mkdirSync(config.dataDir, { recursive: true });
  const metrics = createMetrics();
  const log = await openSqliteLog({
    dataDir: config.dataDir,
    durability: config.durability,
    writerUrl: parts.writerUrl ?? new URL('./writer.js', import.meta.url),
    clock,
    onCommit: (commit) => metrics.committed(commit),
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
    onVisible: () => metrics.visible(),
  });
  const decided = new DecidedRoles(parts.askRole ?? null);
  const creations = idempotency.log(log);
  const access = createAccess({ config, log, creations, rooms, clock, random, decided }, identify);
  const { admission, documents, locks, membership, presence } = access;
  watching.push(access.observer);
  const history = openHistory(config, log, clock);
  const edits = new DocumentEdits({
    rooms,
    history,
    clock,
    assertEditor: (id, actor) => void documents.authorize(id, actor, 'edit'),
    assertUnlocked: (id, actor) => locks.assertUnlocked(id, actor),
  });
  const traffic = new Traffic();
  const gateway = new Gateway({
    ...{ rooms, documents, clock, traffic },
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
      maxHeapMiB: 1024,
      maxWaiting: 16,
    }),
    addressOf: (request) => addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']),
    authenticate: (request, { parameters, address }) => {
      assertHeard(request.socket);
      return admission.connection(request, { parameters, address });
    },
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
    onOpened: (visit) => logger[identify ? 'info' : 'debug'](visit, 'connected'),
    onClosed: (visit, error) => logError(logger, error, 'connection closed', { ...visit }),
  });

  const app = createApp({
    authenticate: (request, socket) => {
      assertHeard(socket);
      return admission.request(request, addressOf(socket?.remoteAddress, request.headers.get('x-forwarded-for')));
    },
    isAllowedOrigin: (origin, host) => isAllowedOrigin(origin, host, config.allowedOrigins),
    onError: (error, request) => logError(logger, error, 'request failed', { ...request }),
    base: lent?.path ?? '',
  });
  if (decided.asks) app.use(`${apiBase}/documents/:id/*`, decideRole(documents));
  app.use(`${apiBase}/*`, idempotency.middleware);
  const collaborative = collaborativeStatistics({ db: log.db, documents, rooms, locks, clock });
  app.route(apiBase, accessRoutes({ documents, membership, locks }));
  app.route(apiBase, presenceRoutes({ documents, presence, rooms }));
  const versions = versionQueries(log.db);
  app.route(apiBase, documentRoutes({ documents, history, random }));
  app.route(apiBase, historyRoutes({ documents, history }));
  app.route(apiBase, editRoutes({ documents, edits, versions }));
  app.route(apiBase, versionRoutes({ documents, edits, versions }));
  app.route(apiBase, flightRoutes({ flights: channels.flights }));
  app.route(apiBase, notificationRoutes(notifications));
  const messages = new Messages({ rooms, presence, pack: packBinary });
  app.route(apiBase, messageRoutes(messages));

  const feed = setUpFeed({ config, log, documents, notifications, clock, random, logger });
  app.route(apiBase, feed.router);
  app.route(
    '/',
    operations({
      ...{ config, log, gateway, rooms, documents, channels, feed, traffic, metrics, collaborative, clock, history },
      startedAt,
    }),
  );
  app.route('/', apiDocs(app, { version: packageVersion, base: lent?.path ?? '' }));

  const { webFolder = join(packageRoot, 'dist', 'web') } = parts;
  if (webFolder !== null) app.use(staticFiles(readStaticFiles(webFolder)));

  flights.start();
  notifications.start();
  await feed.start();
  const handlers: HostHandlers = {
    request: getRequestListener(app.fetch, { errorHandler: unreadable }),
    upgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
  };
  const end = async (host: Pick<Host, 'end'> | null): Promise<void> => {
    metrics.close();
    await feed.close();
    await channels.close();
    await gateway.stop();
    await notifications.close();
    await channels.views.close();
    rooms.close(new ContrailError('restarting', 'the server is restarting'));
    access.close();
    await host?.end();
    await history.close();
    await log.close();
  };
  const host = await (lent ? attach(lent.server, lent.path, handlers) : listen(config, handlers)).catch(
    async (error: unknown) => {
      await end(null);
      throw error;
    },
  );

  // A server that was lent may not listen yet, and then there is a path alone to tell.
  if (host.url.startsWith('http')) log.announce(host.url);

  return {
    get url() {
      return host.url;
    },
    ...{ flights, notifications, log, rooms, documents, membership, locks, presence, edits, history, messages },
    collaborative,
    report: background,
    close() {
      host.stop();
      return end(host);
    },
  };
};
