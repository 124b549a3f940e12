// Whose Yjs client ids a document's structs carry: a client id belongs to the actor whose edit used it first (docs/access.md). That edit names it
// in its meta; this is the projection of those, and what a room asks of it.
//
// What an import brought is nobody's edit, so its client ids are free: a page that was open all through the migration goes on under its own.
// Whoever takes one owns what they write from then on. What was there before stays the import's, because events say who wrote something, never
// client ids.

import { type DocumentId, parseStreamName, systemActor, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import { documentSql } from './document-index.js';

/** Meta of an edit: the client ids that are its actor's from now on; `null` for the common case of none. */
export const clientsMeta = (clients: readonly number[]): JsonObject | null =>
  clients.length === 0 ? null : { clients: [...clients] };

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

  /** `null`: nobody's edit has used it yet. */
  ownerOf(client: number): UserId | null {
    const owner = this.#known.get(client) ?? this.#find(client);
    if (owner !== null) this.#known.set(client, owner);
    return owner;
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
