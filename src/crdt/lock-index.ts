// Which documents are locked: a projection of `locked`, `unlocked` and `deleted`. A row whose time is over means that the server was not
// there to free it; locks.ts does that when it starts.

import { type DocumentId, parseStreamName, type UserId } from '../model/ids.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import type { Lock } from './room-guard.js';

export const lockSql = {
  set: `INSERT INTO lock (document, user, until) VALUES (?, ?, ?)
        ON CONFLICT (document) DO UPDATE SET user = excluded.user, until = excluded.until`,
  remove: 'DELETE FROM lock WHERE document = ?',
  find: 'SELECT user AS userId, until FROM lock WHERE document = ?',
  all: 'SELECT document AS id, user AS userId, until FROM lock',
} as const;

export const lockProjection: Projection = {
  name: 'lock',
  version: 1,
  schema:
    'CREATE TABLE lock (document TEXT PRIMARY KEY, user TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  tables: ['lock'],
  kinds: ['locked', 'unlocked', 'deleted'],
  open(db) {
    const [set, remove] = [db.prepare(lockSql.set), db.prepare(lockSql.remove)];
    return ({ stream, kind, actor, meta }) => {
      const document = parseStreamName(stream)?.name ?? '';
      if (kind === 'locked') set.run(document, actor, Number(meta?.['until'] ?? 0));
      else remove.run(document);
    };
  },
};

/** Queries over a read-only connection. */
export class LockQueries {
  readonly #find;
  readonly #all;

  constructor(db: SqlDatabase) {
    this.#find = db.prepare(lockSql.find);
    this.#all = db.prepare(lockSql.all);
  }

  find(id: DocumentId): Lock | null {
    return (this.#find.get(id) as { userId: UserId; until: number } | undefined) ?? null;
  }

  all(): readonly (Lock & { readonly id: DocumentId })[] {
    return this.#all.all() as (Lock & { id: DocumentId })[];
  }
}
