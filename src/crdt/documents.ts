// Documents as things that are created, found, listed and read. What happens inside an open one is the room's.

import * as Y from 'yjs';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { EventFilter, EventLog } from '../model/event-log.js';
import type { EventSummary } from '../model/events.js';
import { type DocumentId, documentStream, type UserId } from '../model/ids.js';
import { type Action, allows, type Role } from '../model/roles.js';
import { type Clock, type Random, randomClientId } from '../model/time.js';
import type { DecidedRoles } from './decided-roles.js';
import type { Collaborator, DocumentQueries, DocumentRecord } from './document-index.js';
import type { PendingMembership } from './pending-membership.js';
import type { Lock } from './room-guard.js';
import type { Rooms } from './rooms.js';

export interface DocumentsOptions {
  readonly log: EventLog;
  readonly index: DocumentQueries;
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly random: Random;
  /** Nobody is authenticated: everybody is editor of everything (docs/access.md). */
  readonly open: boolean;
  /** What is decided and not yet durable. */
  readonly pending: PendingMembership;
  /** What is decided outside; it wins over everything stored. */
  readonly decided: DecidedRoles;
  readonly lockOf: (id: DocumentId) => Lock | null;
}

export interface DocumentSummary extends DocumentRecord {
  readonly role: Role;
  readonly updatedAt: number;
  readonly seq: number;
  readonly collaborators: readonly Collaborator[];
  readonly activeUsers: readonly string[];
  readonly lock: Lock | null;
}

/** The Y.Text that a seed goes into, and that text queries mean when they name no other. */
export const defaultTextName = 'content';

/** How often one actor is asked about while roles keep changing. */
const maxQuestions = 10;

export class Documents {
  readonly #options: DocumentsOptions;

  constructor(options: DocumentsOptions) {
    this.#options = options;
  }

  /** The role an actor has; `null` for none. */
  roleOf(record: DocumentRecord, actor: Actor): Role | null {
    const decided = this.#options.decided.roleOf(record.id, actor);
    return decided === undefined ? this.#storedRole(record, actor) : decided;
  }

  /** Has the role decided that the actor has in each of these documents, where that is decided outside. Rejects with what went wrong there. */
  async decide(ids: Iterable<DocumentId>, actor: Actor): Promise<void> {
    const { decided, index } = this.#options;
    if (!decided.asks) return;
    await Promise.all(
      [...ids].map((id) => {
        const record = index.find(id);
        return decided.decide(id, actor, {
          role: record ? this.#storedRole(record, actor) : 'owner',
          exists: record !== null,
        });
      }),
    );
  }

  /** An actor for what embedding code does in somebody's name: it may do everything with this document. */
  trusted(id: DocumentId, userId: UserId): Actor {
    const actor: Actor = { userId, name: null, admin: true, documents: null, expiresAt: null };
    this.#options.decided.trust(id, actor);
    return actor;
  }

  /** Claims win over stored membership. */
  #storedRole(record: DocumentRecord, actor: Actor): Role | null {
    const claimed =
      actor.documents && Object.hasOwn(actor.documents, record.id) ? actor.documents[record.id] : undefined;
    if (claimed) return claimed;
    if (record.ownerId === actor.userId) return 'owner';
    return this.#options.open ? 'editor' : this.memberRole(record.id, actor.userId);
  }

  /** The role that a document's owner has given to somebody; `null` for none. */
  memberRole(id: DocumentId, userId: UserId): Role | null {
    const { pending, index } = this.#options;
    const decided = pending.roleOf(id, userId);
    return decided === undefined ? index.memberRole(id, userId) : decided;
  }

  /** The role an actor has at this moment; `null` also for documents that are gone. */
  currentRole(id: DocumentId, actor: Actor): Role | null {
    const record = this.#options.index.find(id);
    if (!record || record.deletedAt !== null || this.#options.pending.isDeleting(id)) return null;
    return this.roleOf(record, actor);
  }

  /** As `currentRole`, and in a document that is gone the role the actor had at its end. */
  lastRole(id: DocumentId, actor: Actor): Role | null {
    const record = this.#options.index.find(id);
    return record && this.roleOf(record, actor);
  }

  /**
   * The document, if the actor may do this to it now. Throws `not-found` (also where the actor may not know of it), `deleted`, and
   * `forbidden` for what they may see but not do.
   */
  authorize(id: DocumentId, actor: Actor, action: Action): { readonly record: DocumentRecord; readonly role: Role } {
    const record = this.#options.index.find(id);
    const role = record ? this.roleOf(record, actor) : null;
    if (!record || !role) throw new ContrailError('not-found', `There is no document "${id}".`);
    this.#assertStaying(present(record));
    if (!allows(role, action)) throw new ContrailError('forbidden', `The role ${role} does not allow this.`);
    return { record, role };
  }

  /** Throws `deleted`, `not-found`, or `overloaded` while it is being decided. */
  assertPresent(id: DocumentId): void {
    this.#assertStaying(this.#present(id));
  }

  /** Creates a document; the actor owns it. `seed` becomes the text `content`, exactly once. Rejects with `already-exists` or `deleted`. */
  async create(
    id: DocumentId,
    actor: Actor,
    given: { readonly title?: string; readonly seed?: string },
  ): Promise<DocumentSummary> {
    const { log, clock, random, decided } = this.#options;
    if (decided.isOutdated(id, actor)) await this.decide([id], actor);
    const decision = decided.roleOf(id, actor);
    if (decision !== undefined && !allows(decision, 'edit'))
      throw new ContrailError('forbidden', 'You may not create this document.');
    const serverClient = randomClientId(random);
    const event = {
      stream: documentStream(id),
      kind: 'created' as const,
      actor: actor.userId,
      at: clock.now(),
      payload: given.seed ? seedUpdate(given.seed, serverClient) : null,
      meta: { title: given.title ?? id, serverClient },
    };
    const [outcome] = await log.append([{ events: [event], expect: [{ stream: event.stream, head: 0 }] }]);
    if (!outcome?.ok) {
      this.#present(id);
      throw new ContrailError('already-exists', `There is a document "${id}" already.`);
    }
    return this.get(id, actor);
  }

  /** The document of a connection: found, or created by it when that is allowed. Rejects with `not-found`, `deleted`, `forbidden`. */
  async enter(
    id: DocumentId,
    actor: Actor,
    create: boolean,
  ): Promise<{ readonly record: DocumentRecord; readonly role: Role }> {
    await this.decide([id], actor);
    if (!this.#options.index.find(id)) {
      if (!create) throw new ContrailError('not-found', `There is no document "${id}".`);
      await this.create(id, actor, {}).catch((error: unknown) => {
        if (!(error instanceof ContrailError && error.code === 'already-exists')) throw error;
      });
    }
    return this.admit(id, actor);
  }

  /** Asks again where everybody was asked about again after this actor was. Rejects with `overloaded` when that has no end. */
  async refresh(id: DocumentId, actor: Actor): Promise<void> {
    for (let left = maxQuestions; this.#options.decided.isOutdated(id, actor); left--) {
      if (left === 0) throw new ContrailError('overloaded', 'Roles change faster than they can be found out.');
      await this.decide([id], actor);
    }
  }

  /** What a connection may be to the document at this moment. Throws `forbidden`, `deleted`, `overloaded`. */
  admit(id: DocumentId, actor: Actor): { readonly record: DocumentRecord; readonly role: Role } {
    const record = this.#options.index.find(id);
    const role = record ? this.roleOf(record, actor) : null;
    if (!record || !role) throw new ContrailError('forbidden', 'you have no role in this document');
    this.#assertStaying(present(record));
    return { record, role };
  }

  /** Rejects with `not-found` (also where the actor may not know of it) or `deleted`. */
  async get(id: DocumentId, actor: Actor): Promise<DocumentSummary> {
    const { record, role } = this.authorize(id, actor, 'read');
    return this.#summary(record, role);
  }

  /** The seq of its last event, for whoever may read it. Rejects as `get` does. */
  async head(id: DocumentId, actor: Actor): Promise<number> {
    this.authorize(id, actor, 'read');
    return this.#head(id);
  }

  /** What the actor may open, newest first; `next` continues the list, `null` at its end. */
  async list(
    actor: Actor,
    before: number,
    limit: number,
  ): Promise<{ readonly documents: readonly DocumentSummary[]; readonly next: number | null }> {
    const documents: DocumentSummary[] = [];
    let cursor = before;
    for (;;) {
      const page = this.#options.index.page(cursor, limit + 1);
      await this.decide(
        page.map(({ id }) => id),
        actor,
      );
      for (const record of page) {
        const role = this.roleOf(record, actor);
        if (role && documents.length === limit) return { documents, next: cursor };
        if (role) documents.push(await this.#summary(record, role));
        cursor = record.createdEvent;
      }
      if (page.length <= limit) return { documents, next: null };
    }
  }

  /** Summaries of the document's events by filter, up to its head, which comes with them: what is logged meanwhile belongs to the next answer. */
  async history(
    id: DocumentId,
    filter: EventFilter,
  ): Promise<{ readonly head: number; readonly events: readonly EventSummary[] }> {
    const head = await this.#head(id);
    const before = Math.min(filter.before ?? head + 1, head + 1);
    const events = await this.#options.log.list(documentStream(id), { ...filter, before });
    return { head, events };
  }

  /** The last seq at a time. Rejects with `seq-not-found` when the document began later. */
  async seqAt(id: DocumentId, time: number): Promise<number> {
    const stream = documentStream(id);
    const position = await this.#options.log.positionAt(stream, time);
    if (position) return position.seq;
    const head = await this.#head(id);
    throw new ContrailError('seq-not-found', 'The document began later than that.', { extra: { head } });
  }

  get count(): number {
    return this.#options.index.count;
  }

  #present(id: DocumentId): DocumentRecord {
    const record = this.#options.index.find(id);
    if (!record) throw new ContrailError('not-found', `There is no document "${id}".`);
    return present(record);
  }

  #assertStaying({ id }: DocumentRecord): void {
    if (this.#options.pending.isDeleting(id))
      throw new ContrailError('overloaded', 'The document is being deleted; try again shortly.');
  }

  async #head(id: DocumentId): Promise<number> {
    return (await this.#options.log.head(documentStream(id)))?.seq ?? 0;
  }

  async #summary(record: DocumentRecord, role: Role): Promise<DocumentSummary> {
    const head = await this.#options.log.head(documentStream(record.id));
    const active = new Set<string>();
    for (const session of this.#options.rooms.peek(record.id)?.sessions ?? []) active.add(session.actor.userId);
    return {
      ...record,
      role,
      updatedAt: head?.at ?? record.createdAt,
      seq: head?.seq ?? 0,
      collaborators: this.#options.index.collaborators(record.id),
      activeUsers: [...active],
      lock: this.#options.lockOf(record.id),
    };
  }
}

const present = (record: DocumentRecord): DocumentRecord => {
  if (record.deletedAt !== null) throw new ContrailError('deleted', `The document "${record.id}" was deleted.`);
  return record;
};

const seedUpdate = (text: string, client: number): Uint8Array => {
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.getText(defaultTextName).insert(0, text);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
};
