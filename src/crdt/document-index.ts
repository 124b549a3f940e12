// Which documents there are, whose they are and who may open them: a projection of `created`, `renamed`, `shared`, `unshared`, `deleted`.
// Edits never reach it; a document's seq and time of change are read from the log's head.

import type { LoggedEvent } from '../model/events.js';
import { type DocumentId, parseStreamName, type UserId } from '../model/ids.js';
import type { Projection, SqlDatabase } from '../model/projection.js';
import type { Role } from '../model/roles.js';

export interface DocumentRecord {
  /** Id of its `created` event: the order of lists. */
  readonly createdEvent: number;
  readonly id: DocumentId;
  readonly title: string;
  readonly ownerId: UserId;
  /** The Yjs client id of everything the server itself writes in this document. */
  readonly serverClient: number;
  /** Unix ms. */
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

export interface Collaborator {
  readonly userId: UserId;
  readonly role: Role;
  /** Unix ms. */
  readonly at: number;
}

const schema = `
CREATE TABLE document (
  created_event INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  owner TEXT NOT NULL,
  server_client INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE TABLE document_member (
  document TEXT NOT NULL,
  user TEXT NOT NULL,
  role TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (document, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_member_user ON document_member (user, document);
`;

export const documentSql = {
  insert: 'INSERT INTO document (created_event, id, title, owner, server_client, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  rename: 'UPDATE document SET title = ? WHERE id = ?',
  remove: 'UPDATE document SET deleted_at = ? WHERE id = ?',
  share: `INSERT INTO document_member (document, user, role, at) VALUES (?, ?, ?, ?)
          ON CONFLICT (document, user) DO UPDATE SET role = excluded.role, at = excluded.at`,
  unshare: 'DELETE FROM document_member WHERE document = ? AND user = ?',
  byId: `SELECT created_event AS createdEvent, id, title, owner AS ownerId, server_client AS serverClient, created_at AS createdAt,
         deleted_at AS deletedAt FROM document WHERE id = ?`,
  members: 'SELECT user AS userId, role, at FROM document_member WHERE document = ? ORDER BY user',
  member: 'SELECT role FROM document_member WHERE document = ? AND user = ?',
  page: `SELECT created_event AS createdEvent, id, title, owner AS ownerId, server_client AS serverClient, created_at AS createdAt,
         deleted_at AS deletedAt FROM document WHERE created_event < ? AND deleted_at IS NULL ORDER BY created_event DESC LIMIT ?`,
  count: 'SELECT count(*) AS count FROM document WHERE deleted_at IS NULL',
} as const;

const text = (event: LoggedEvent, key: string): string => {
  const value = event.meta?.[key];
  return typeof value === 'string' ? value : '';
};

export const documentIndex: Projection = {
  name: 'document',
  version: 1,
  schema,
  tables: ['document', 'document_member'],
  kinds: ['created', 'renamed', 'shared', 'unshared', 'deleted'],
  open(db) {
    const [insert, rename, remove, share, unshare] = [
      db.prepare(documentSql.insert),
      db.prepare(documentSql.rename),
      db.prepare(documentSql.remove),
      db.prepare(documentSql.share),
      db.prepare(documentSql.unshare),
    ];
    return (event) => {
      const stream = parseStreamName(event.stream);
      if (stream?.type !== 'doc') return;
      const id = stream.name;
      switch (event.kind) {
        case 'created':
          insert.run(event.id, id, text(event, 'title'), event.actor, Number(event.meta?.['serverClient']), event.at);
          break;
        case 'renamed':
          rename.run(text(event, 'title'), id);
          break;
        case 'deleted':
          remove.run(event.at, id);
          break;
        case 'shared':
          share.run(id, text(event, 'userId'), text(event, 'role'), event.at);
          break;
        case 'unshared':
          unshare.run(id, text(event, 'userId'));
          break;
      }
    };
  },
};

/** Queries of the index over a read-only connection. */
export class DocumentQueries {
  readonly #db: SqlDatabase;
  readonly #byId;
  readonly #members;
  readonly #member;
  readonly #page;
  readonly #count;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#byId = this.#db.prepare(documentSql.byId);
    this.#members = this.#db.prepare(documentSql.members);
    this.#member = this.#db.prepare(documentSql.member);
    this.#page = this.#db.prepare(documentSql.page);
    this.#count = this.#db.prepare(documentSql.count);
  }

  /** The record, deleted documents included; `null` when there never was one. */
  find(id: DocumentId): DocumentRecord | null {
    return (this.#byId.get(id) as DocumentRecord | undefined) ?? null;
  }

  collaborators(id: DocumentId): readonly Collaborator[] {
    return this.#members.all(id) as Collaborator[];
  }

  memberRole(id: DocumentId, userId: UserId): Role | null {
    return (this.#member.get(id, userId) as { role: Role } | undefined)?.role ?? null;
  }

  /** Documents that are not deleted, newest first, created before event `before`. */
  page(before: number, limit: number): readonly DocumentRecord[] {
    return this.#page.all(before, limit) as DocumentRecord[];
  }

  get count(): number {
    return (this.#count.get() as { count: number }).count;
  }
}
