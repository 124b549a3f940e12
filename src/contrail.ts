// The package: `createServer(options)`, what it gives, and the types of both (docs/embedding.md). The command line starts its server here, too.

import { type DocumentCalls, documentCalls } from './embed/documents.js';
import { type FlightCalls, flightCalls } from './embed/flights.js';
import { type LogCalls, logCalls } from './embed/log.js';
import { type NotificationCalls, notificationCalls } from './embed/notifications.js';
import { type MessageCalls, messageCalls, type PresenceCalls, presenceCalls } from './embed/people.js';
import { identifyBy, roleBy } from './http/host-rules.js';
import { systemClock } from './model/time.js';
import { checkOptions, type ServerOptions } from './options.js';
import { startServer } from './server.js';

export interface ContrailServer {
  /** `http://host:port`, with the path where one was given; the path alone as long as a server that was handed in does not listen. */
  readonly url: string;
  readonly documents: DocumentCalls;
  readonly flights: FlightCalls;
  readonly notifications: NotificationCalls;
  readonly presence: PresenceCalls;
  readonly messages: MessageCalls;
  readonly log: LogCalls;
  /**
   * Stops accepting, commits what is in flight, closes its connections with 1012 (stock clients come back) and the log. A server that was
   * handed in stays open, and its path is its own again. May be called twice.
   */
  close(): Promise<void>;
}

/**
 * Starts Contrail: on a server of its own, or below a path of one that is handed in. Rejects with ConfigError, which lists every fault of the
 * options; with an error that says why when the database belongs to another server, or is from a newer version; and with Node's error when
 * the address is taken. Nothing stays behind then.
 */
export const createServer = async (options: ServerOptions = {}): Promise<ContrailServer> => {
  const { config, lent, demoPages, authenticate, authorize, logger } = checkOptions(options);
  const server = await startServer(config, {
    lent,
    ...(logger ? { logger } : {}),
    ...(demoPages ? {} : { webFolder: null }),
    identify: authenticate && identifyBy(authenticate, systemClock),
    askRole: authorize && roleBy(authorize, systemClock),
  });
  const log = logCalls({
    log: server.log,
    onFault: (error) => server.report('a follower of the log', error),
  });
  let closing: Promise<void> | null = null;
  return {
    get url() {
      return server.url;
    },
    documents: documentCalls({ ...server, random: Math.random }),
    flights: flightCalls(server.flights),
    notifications: notificationCalls(server.notifications),
    presence: presenceCalls(server.presence),
    messages: messageCalls(server.messages),
    log,
    close: () => {
      log.close();
      closing ??= server.close();
      return closing;
    },
  };
};

// biome-ignore lint/performance/noBarrelFile: the package has this one entry, and these are the types of what it takes and gives
export { type Config, ConfigError, readConfig } from './config.js';
export type { BusyDocument, CollaborativeStatistics, LargeDocument } from './crdt/editing-statistics.js';
export type { By } from './embed/arguments.js';
export type {
  DocumentCalls,
  DocumentEdit,
  DocumentEvent,
  DocumentInfo,
  HistoryQuery,
  LockInfo,
  UndoBy,
  Undone,
} from './embed/documents.js';
export type { FlightCalls, FlightUpdate, TrackFlight } from './embed/flights.js';
export type { LogCalls } from './embed/log.js';
export type { DocumentLogEvent, LogEvent } from './embed/log-events.js';
export type { NotificationCalls } from './embed/notifications.js';
export type { MessageCalls, PresenceCalls } from './embed/people.js';
export type { Flight } from './flights/flight.js';
export type { Authenticate, AuthorizationQuestion, Authorize, Credentials, Identity } from './http/host-rules.js';
export type { ActivePerson, Cursor, OnlinePerson } from './http/presence-view.js';
export { ContrailError, type ErrorCode } from './model/errors.js';
export type { Json, JsonObject } from './model/json.js';
export type { Role } from './model/roles.js';
export type { Notification, NotificationPage } from './notify/notification.js';
export type { ServerOptions } from './options.js';
