// Versions: names given to seqs of a document. Nothing is copied; a version is a label, and the events of kind `version` are the only
// facts about it. Here are their meta, the projection that lists them, and its queries.

import { ContrailError } from '../model/errors.js';
import type { LoggedEvent } from '../model/events.js';
import { type DocumentId, parseStreamName, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Projection, SqlDatabase } from '../model/projection.js';

/** Meta of an event of kind `version`. A version's id is the seq of the event that created it. */
export type VersionMeta =
  | { readonly action: 'create'; readonly name: string; readonly seq: number }
  | { readonly action: 'rename'; readonly version: number; readonly name: string }
  | { readonly action: 'delete'; readonly version: number };

export interface Version {
  readonly id: number;
  readonly name: string;
  /** The seq it names. */
  readonly seq: number;
  /** When and by whom the name was first given. */
  readonly at: number;
  readonly actor: UserId;
}

export const versionMetaJson = (meta: VersionMeta): JsonObject => ({ ...meta });

export const parseVersionMeta = (meta: JsonObject | null): VersionMeta => {
  const { action, name, seq, version } = meta ?? {};
  if (action === 'create' && typeof name === 'string' && typeof seq === 'number') return { action, name, seq };
  if (action === 'rename' && typeof name === 'string' && typeof version === 'number') return { action, version, name };
  if (action === 'delete' && typeof version === 'number') return { action, version };
  throw new ContrailError('internal', 'An event of kind "version" says nothing that is known.');
};

const insertSql = 'INSERT INTO version (document, id, name, seq, at, actor) VALUES (?, ?, ?, ?, ?, ?)';
const renameSql = 'UPDATE version SET name = ? WHERE document = ? AND id = ?';
const deleteSql = 'DELETE FROM version WHERE document = ? AND id = ?';
export const listVersionsSql = `
  SELECT id, name, seq, at, actor FROM version WHERE document = ? AND id > ? ORDER BY id LIMIT ?`;
export const findVersionSql = 'SELECT id, name, seq, at, actor FROM version WHERE document = ? AND id = ?';

export const versionProjection: Projection = {
  name: 'version',
  version: 1,
  schema: `
    CREATE TABLE version (
      document TEXT NOT NULL,
      id INTEGER NOT NULL,
      name TEXT NOT NULL,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      PRIMARY KEY (document, id)
    ) STRICT, WITHOUT ROWID`,
  tables: ['version'],
  kinds: ['version'],
  open(db) {
    const insert = db.prepare(insertSql);
    const rename = db.prepare(renameSql);
    const remove = db.prepare(deleteSql);
    return (event: LoggedEvent) => {
      const document = parseStreamName(event.stream)?.name ?? '';
      const meta = parseVersionMeta(event.meta);
      switch (meta.action) {
        case 'create':
          insert.run(document, event.seq, meta.name, meta.seq, event.at, event.actor);
          return;
        case 'rename':
          rename.run(meta.name, document, meta.version);
          return;
        case 'delete':
          remove.run(document, meta.version);
      }
    };
  },
};

export interface VersionQueries {
  /** Versions with id > `after` in order of their creation, at most `limit`. */
  list(documentId: DocumentId, page: { readonly after: number; readonly limit: number }): readonly Version[];
  find(documentId: DocumentId, id: number): Version | null;
}

export const versionQueries = (db: SqlDatabase): VersionQueries => {
  const list = db.prepare(listVersionsSql);
  const find = db.prepare(findVersionSql);
  return {
    list: (documentId, { after, limit }) => list.all(documentId, after, limit) as Version[],
    find: (documentId, id) => (find.get(documentId, id) as Version | undefined) ?? null,
  };
};
