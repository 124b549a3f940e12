// What the composition root takes beside its configuration, and what it gives: the server's parts, for contrail.ts and for tests.

import type { Access } from './access.js';
import type { AskRole } from './crdt/decided-roles.js';
import type { DocumentEdits } from './crdt/document-edits.js';
import type { CollaborativeStatistics } from './crdt/editing-statistics.js';
import type { History } from './crdt/history.js';
import type { Messages } from './crdt/messages.js';
import type { Rooms } from './crdt/rooms.js';
import type { Flights } from './flights/flights.js';
import type { LentServer } from './host.js';
import type { Identify } from './http/host-rules.js';
import type { Logger } from './logger.js';
import type { EventLog } from './model/event-log.js';
import type { Clock, Random } from './model/time.js';
import type { Notifications } from './notify/notifications.js';

export interface ServerParts {
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Entry of the log's writer thread. */
  readonly writerUrl?: URL;
  /** Folder of the demo application's files; `null` for none. */
  readonly webFolder?: string | null;
  /** Somebody else's server to live in, and the path that is ours. */
  readonly lent?: { readonly server: LentServer; readonly path: string } | null;
  /** Takes the place of the configuration's tokens. */
  readonly identify?: Identify | null;
  /** Decides on roles in the place of what is stored. */
  readonly askRole?: AskRole | null;
}

export interface RunningServer extends Pick<Access, 'documents' | 'membership' | 'locks' | 'presence'> {
  /** `http://host:port`, and the path of a lent server; the path alone while that one does not listen. */
  readonly url: string;
  readonly flights: Flights;
  readonly notifications: Notifications;
  readonly log: EventLog;
  readonly rooms: Rooms;
  readonly edits: DocumentEdits;
  readonly history: History;
  readonly messages: Messages;
  readonly collaborative: () => CollaborativeStatistics;
  /** Logs what went wrong in the background. */
  report(source: string, error: unknown): void;
  /** Stops accepting, commits what is in flight, closes connections with 1012, closes the log. */
  close(): Promise<void>;
}
