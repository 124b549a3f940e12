// Whose Yjs client ids a document's structs carry: a client id belongs to the actor whose edit used it first (docs/access.md). An edit that
// brings a new client id names it in its meta; this is the projection of those, and what a room asks of it.

import { type DocumentId, parseStreamName, systemActor, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import { documentSql } from './document-index.js';

/** Meta of an edit: the client ids it uses first; `null` for the common case of none. */
export const clientsMeta = (
  sections: readonly { readonly client: number; readonly clock: number }[],
): JsonObject | null => {
  const clients = sections.filter(({ clock }) => clock === 0).map(({ client }) => client);
  return clients.length === 0 ? null : { clients };
};

const insertSql = 'INSERT OR IGNORE INTO client_owner (document, client, user) VALUES (?, ?, ?)';
export const clientOwnerSql = 'SELECT user FROM client_owner WHERE document = ? AND client = ?';

export const clientOwnerProjection: Projection = {
  name: 'client_owner',
  version: 1,
  schema: `
    CREATE TABLE client_owner (
      document TEXT NOT NULL,
      client INTEGER NOT NULL,
      user TEXT NOT NULL,
      PRIMARY KEY (document, client)
    ) STRICT, WITHOUT ROWID`,
  tables: ['client_owner'],
  kinds: ['edit'],
  open(db) {
    const insert = db.prepare(insertSql);
    return ({ stream, actor, meta }) => {
      // Nearly every edit ends here.
      const clients = meta?.['clients'];
      if (!Array.isArray(clients)) return;
      const document = parseStreamName(stream)?.name ?? '';
      for (const client of clients) if (typeof client === 'number') insert.run(document, client, actor);
    };
  },
};

/** The owners in one room: those of the log, and those whose first edit is on its way there. */
export class ClientOwners {
  readonly #known = new Map<number, UserId>();
  readonly #find: (client: number) => UserId | null;

  constructor(find: (client: number) => UserId | null) {
    this.#find = find;
  }

  /** Whether the user may add structs from `clock` on. Structs that nobody is known to have written are the server's own. */
  mayWrite(client: number, clock: number, userId: UserId): boolean {
    const owner = this.#known.get(client) ?? this.#find(client);
    if (owner !== null) this.#known.set(client, owner);
    return owner === null ? clock === 0 : owner === userId;
  }

  bind(client: number, userId: UserId): void {
    this.#known.set(client, userId);
  }
}

/** Owners of a document's client ids over a read-only connection; its server client id belongs to the system. */
export const clientOwners = (db: SqlDatabase): ((id: DocumentId) => ClientOwners) => {
  const owner = db.prepare(clientOwnerSql);
  const record = db.prepare(documentSql.byId);
  return (id) => {
    const { serverClient } = (record.get(id) ?? {}) as { serverClient?: number };
    return new ClientOwners((client) =>
      client === serverClient ? systemActor : ((owner.get(id, client) as { user: UserId } | undefined)?.user ?? null),
    );
  };
};
