// `contrail.documents`: documents as embedding code handles them. Every promise that changes something resolves once the change is on disk, and
// whoever has the document open sees it then. Ids are checked; anything malformed rejects with `bad-request`.

import { z } from '@hono/zod-openapi';
import type { DocumentEdits } from '../crdt/document-edits.js';
import type { DocumentRecord } from '../crdt/document-index.js';
import type { Documents } from '../crdt/documents.js';
import type { CollaborativeStatistics } from '../crdt/editing-statistics.js';
import type { PathEdit } from '../crdt/edits.js';
import type { History } from '../crdt/history.js';
import { defaultLockSeconds, type Locks, maxLockSeconds, presentLock } from '../crdt/locks.js';
import type { Membership } from '../crdt/membership.js';
import type { Presence } from '../crdt/presence.js';
import type { Rooms } from '../crdt/rooms.js';
import { checked } from '../http/checked.js';
import { createSchema, newDocumentId, present, presentEvent } from '../http/document-routes.js';
import { editSchema, pathEdit } from '../http/edit-routes.js';
import { type ActivePerson, type Cursor, cursorsIn, peopleIn } from '../http/presence-view.js';
import { userIdSchema } from '../http/schemas.js';
import type { Actor } from '../model/actor.js';
import { type EventKind, eventKinds } from '../model/events.js';
import { type DocumentId, systemActor, type UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { Random } from '../model/time.js';
import { actorOf, type By, documentIdOf, personOf, userIdOf } from './arguments.js';

/** Times are RFC 3339, UTC, milliseconds. */
export interface DocumentInfo {
  readonly id: string;
  readonly title: string;
  readonly ownerId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of its last event. */
  readonly seq: number;
  readonly lock: LockInfo | null;
  readonly collaborators: readonly {
    readonly userId: string;
    readonly role: 'owner' | 'editor' | 'viewer';
    readonly at: string;
  }[];
  /** User ids of those who have it open. */
  readonly activeUsers: readonly string[];
  /** By root name, where it was asked for. */
  readonly content?: Readonly<Record<string, Json>>;
}
export interface LockInfo {
  readonly userId: string;
  readonly until: string;
}
/** An edit of a text, a map or an array, found by its path. */
export type DocumentEdit = PathEdit;
export interface HistoryQuery {
  /** Exclusive bounds on seq. */
  readonly after?: number;
  readonly before?: number;
  readonly actor?: string;
  readonly kinds?: readonly EventKind[];
  /** Bounds on time: `since` inclusive, `until` exclusive. */
  readonly since?: Date;
  readonly until?: Date;
  readonly order?: 'asc' | 'desc';
  /** 1 to 1,000, 100 unless given. */
  readonly limit?: number;
}
export interface DocumentEvent {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly kind: EventKind;
  /** Length of the payload. */
  readonly bytes: number;
  /** By kind (docs/log-events.md). */
  readonly meta?: Readonly<Record<string, Json>>;
}
export interface Undone {
  /** The seq of the undo or redo itself. */
  readonly seq: number;
  /** The seqs whose effect was taken back. */
  readonly undone: readonly number[];
}
export type UndoBy =
  | { readonly actor: string; readonly scope?: 'user' }
  | { readonly actor?: string; readonly scope: 'document' };

export interface DocumentCalls {
  /** The actor owns it. `content` becomes the text `content`. Rejects with `already-exists`, or `deleted` for an id that was used before. */
  create(
    document?: { readonly id?: string; readonly title?: string; readonly content?: string },
    by?: By,
  ): Promise<DocumentInfo>;
  /** Rejects with `not-found` or `deleted`, as everything below does. */
  get(id: string, options?: { readonly content?: 'json' | 'text' | 'none' }): Promise<DocumentInfo>;
  /** With `ifMatch`, rejects with `precondition-failed` unless that is the document's seq; with `locked` while somebody else holds the lock. */
  edit(id: string, edit: DocumentEdit, by?: By & { readonly ifMatch?: number }): Promise<{ readonly seq: number }>;
  addCollaborator(
    id: string,
    userId: string,
    options?: By & { readonly role?: 'editor' | 'viewer' },
  ): Promise<DocumentInfo>;
  /** Their connections are closed with 4403. */
  removeCollaborator(id: string, userId: string, by?: By): Promise<DocumentInfo>;
  share(
    id: string,
    given: { readonly userIds: readonly string[]; readonly role: 'editor' | 'viewer' },
    by?: By,
  ): Promise<DocumentInfo>;
  /** Takes or renews the lock for a person: 30 s unless given, 3,600 at most. Rejects with `locked`. */
  lock(id: string, options: { readonly actor: string; readonly ttlSeconds?: number }): Promise<LockInfo>;
  /** Whoever holds it. */
  unlock(id: string, by?: By): Promise<void>;
  /** Awareness states, one per connection that has one. */
  cursors(id: string): readonly Cursor[];
  activeUsers(id: string): readonly ActivePerson[];
  /** A page of its events; `next` goes on as `after`, or as `before` in descending order. */
  history(
    id: string,
    query?: HistoryQuery,
  ): Promise<{ readonly head: number; readonly events: readonly DocumentEvent[]; readonly next: number | null }>;
  /** Takes back the actor's own last step, or with scope `document` anybody's. Rejects with `nothing-to-undo`. */
  undo(id: string, by: UndoBy): Promise<Undone>;
  redo(id: string, by: UndoBy): Promise<Undone>;
  /** The same as `GET /api/realtime/stats/collaborative`. */
  stats(): CollaborativeStatistics;
  /** Its connections close with 4410, and its id is never given again. */
  remove(id: string, by?: By): Promise<void>;
  /** Has `authorize` asked again about everybody who has it open; what they may do changes when it has answered. */
  reauthorize(id: string): Promise<void>;
}

export interface DocumentParts {
  readonly documents: Documents;
  readonly membership: Membership;
  readonly locks: Locks;
  readonly edits: DocumentEdits;
  readonly history: History;
  readonly presence: Presence;
  readonly rooms: Rooms;
  readonly collaborative: () => CollaborativeStatistics;
  readonly random: Random;
}

const optionalActor = { actor: userIdSchema.optional() };
const wholeNumber = z.number().int().min(0);
const contentOptions = z.strictObject({ content: z.enum(['json', 'text', 'none']).default('none') });
const editOptions = z.strictObject({ ...optionalActor, ifMatch: wholeNumber.optional() });
const collaboratorOptions = z.strictObject({ ...optionalActor, role: z.enum(['editor', 'viewer']).default('editor') });
const sharing = z.strictObject({ userIds: z.array(userIdSchema).min(1).max(1000), role: z.enum(['editor', 'viewer']) });
const lockOptions = z.strictObject({
  actor: userIdSchema,
  ttlSeconds: z.number().int().min(1).max(maxLockSeconds).default(defaultLockSeconds),
});
const undoOptions = z.strictObject({ ...optionalActor, scope: z.enum(['user', 'document']).default('user') });
const historyQuery = z.strictObject({
  after: wholeNumber.optional(),
  before: wholeNumber.optional(),
  ...optionalActor,
  kinds: z.array(z.enum(eventKinds.doc)).optional(),
  since: z.date().optional(),
  until: z.date().optional(),
  order: z.enum(['asc', 'desc']).default('asc'),
  limit: z.number().int().min(1).max(1000).default(100),
});

export const documentCalls = (parts: DocumentParts): DocumentCalls => {
  const { documents, membership, locks, edits, history, presence, rooms, collaborative, random } = parts;

  const info = async (id: DocumentId, actor: Actor): Promise<DocumentInfo> => {
    const { role: _role, ...shown } = present(await documents.get(id, actor));
    return shown;
  };
  /** The document's id, and an actor who may do everything with it. */
  const opened = (
    text: string,
    userId: UserId,
  ): { readonly id: DocumentId; readonly actor: Actor; readonly record: DocumentRecord } => {
    const id = documentIdOf(text);
    const actor = documents.trusted(id, userId);
    const { record } = documents.authorize(id, actor, 'read');
    return { id, actor, record };
  };
  const takeBack = async (kind: 'undo' | 'redo', text: string, by: UndoBy): Promise<Undone> => {
    const { scope, ...given } = checked(undoOptions, by);
    const who: By = given.actor === undefined ? {} : { actor: given.actor };
    const { actor, record } = opened(text, scope === 'user' ? personOf(who) : actorOf(who));
    const { seq, undone } = await edits.undo(record, actor, { kind, scope });
    return { seq, undone };
  };

  return {
    async create(document = {}, by) {
      const { id: given, title, content } = checked(createSchema, document);
      const id = given ?? newDocumentId(random);
      const actor = documents.trusted(id, actorOf(by));
      await documents.create(id, actor, {
        ...(title === undefined ? {} : { title }),
        ...(content === undefined ? {} : { seed: content }),
      });
      return info(id, actor);
    },
    async get(text, options = {}) {
      const { content } = checked(contentOptions, options);
      const { id, actor } = opened(text, actorOf());
      const document = await info(id, actor);
      if (content === 'none') return document;
      const { state } = await history.stateAt(id, { seq: document.seq, as: content === 'json' ? 'json' : 'texts' });
      return { ...document, content: state as Readonly<Record<string, Json>> };
    },
    async edit(text, edit, options = {}) {
      const given = pathEdit(checked(editSchema, edit));
      const { actor: who, ifMatch: ifHead } = checked(editOptions, options);
      const { actor, record } = opened(text, who ?? systemActor);
      return edits.edit(record, actor, {
        edit: given,
        ...(ifHead === undefined ? {} : { ifHead }),
      });
    },
    async addCollaborator(text, userId, options = {}) {
      const { role, actor: who } = checked(collaboratorOptions, options);
      const { id, actor } = opened(text, who ?? systemActor);
      await membership.share(id, actor, [userIdOf(userId)], role);
      return info(id, actor);
    },
    async removeCollaborator(text, userId, by) {
      const { id, actor } = opened(text, actorOf(by));
      await membership.unshare(id, actor, userIdOf(userId));
      return info(id, actor);
    },
    async share(text, given, by) {
      const { userIds, role } = checked(sharing, given);
      const { id, actor } = opened(text, actorOf(by));
      await membership.share(id, actor, userIds, role);
      return info(id, actor);
    },
    async lock(text, options) {
      const { actor: who, ttlSeconds } = checked(lockOptions, options);
      const { id, actor } = opened(text, personOf({ actor: who }));
      return presentLock(await locks.lock(id, actor, ttlSeconds));
    },
    async unlock(text, by) {
      const { id, actor } = opened(text, actorOf(by));
      await locks.unlock(id, actor, true);
    },
    cursors: (text) => cursorsIn(rooms.peek(opened(text, actorOf()).id)),
    activeUsers: (text) => peopleIn(rooms.peek(opened(text, actorOf()).id), presence),
    async history(text, query = {}) {
      const { kinds, since, until, order, limit, after, before, actor: who } = checked(historyQuery, query);
      const { id } = opened(text, actorOf());
      const { head, events } = await documents.history(id, {
        ...(after === undefined ? {} : { after }),
        ...(before === undefined ? {} : { before }),
        ...(who === undefined ? {} : { actor: who }),
        ...(kinds === undefined ? {} : { kinds }),
        ...(since === undefined ? {} : { since: since.getTime() }),
        ...(until === undefined ? {} : { until: until.getTime() }),
        order,
        limit,
      });
      const next = events.length === limit ? (events.at(-1)?.seq ?? null) : null;
      return { head, events: events.map(presentEvent) as readonly DocumentEvent[], next };
    },
    undo: (id, by) => takeBack('undo', id, by),
    redo: (id, by) => takeBack('redo', id, by),
    stats: () => collaborative(),
    async remove(text, by) {
      const { id, actor } = opened(text, actorOf(by));
      await membership.remove(id, actor);
    },
    async reauthorize(text) {
      await membership.reauthorize(documentIdOf(text));
    },
  };
};
