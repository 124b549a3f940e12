// Which Yjs client ids belong to view documents, now or ever (C1): a projection of `view-client` events, which have a stream of their own
// because view documents' streams are truncated.

import type { LoggedEvent, NewEvent } from '../model/events.js';
import { type StreamName, streamName, systemActor } from '../model/ids.js';
import type { Projection, SqlDatabase } from '../model/projection.js';

export const viewClientSql = {
  retire: 'UPDATE view_client SET live = 0 WHERE view = ? AND live = 1',
  insert: 'INSERT INTO view_client (client, view, live) VALUES (?, ?, 1)',
  byClient: 'SELECT view, live FROM view_client WHERE client = ?',
  live: 'SELECT client FROM view_client WHERE view = ? AND live = 1',
} as const;

export const viewClientIndex: Projection = {
  name: 'view_client',
  version: 1,
  schema: `
CREATE TABLE view_client (
  client INTEGER PRIMARY KEY,
  view TEXT NOT NULL,
  live INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX view_client_live ON view_client (view) WHERE live = 1;
`,
  tables: ['view_client'],
  kinds: ['view-client'],
  open(db) {
    const [retire, insert] = [db.prepare(viewClientSql.retire), db.prepare(viewClientSql.insert)];
    return (event: LoggedEvent) => {
      const view = String(event.meta?.['view']);
      retire.run(view);
      insert.run(Number(event.meta?.['client']), view);
    };
  },
};

/** The fact that a view document is written under a client id from now on. */
export const viewClientEvent = (view: StreamName, client: number, at: number): NewEvent => ({
  stream: streamName('channels', 'ids'),
  kind: 'view-client',
  actor: systemActor,
  at,
  payload: null,
  meta: { view, client },
});

export interface ViewClient {
  readonly view: StreamName;
  /** False once the view document was rotated to another id. */
  readonly live: boolean;
}

export class ViewClients {
  readonly #byClient;
  readonly #live;

  constructor(db: SqlDatabase) {
    this.#byClient = db.prepare(viewClientSql.byClient);
    this.#live = db.prepare(viewClientSql.live);
  }

  /** Whose client id it is, if it is or was a view document's. */
  find(client: number): ViewClient | null {
    const row = this.#byClient.get(client) as { view: StreamName; live: number } | undefined;
    return row ? { view: row.view, live: row.live === 1 } : null;
  }

  /** The client id that a view document is written under; `null` before its first content. */
  liveClient(view: StreamName): number | null {
    return (this.#live.get(view) as { client: number } | undefined)?.client ?? null;
  }
}
