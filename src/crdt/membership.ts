// Who may open a document, what it is called, and its end: decided here, logged as events, in force at once.
//
// ### Ordering
// A change counts in memory before its event is on its way (pending-membership.ts, Session.role), and the event goes through the document's
// room, behind the edits accepted earlier. So no event of somebody's is logged after the one that took their role away.
//
// ### Durability
// What tells people of a change (notices, closed connections, REST answers) leaves after its commit. In between, a connection that has
// lost its role is neither heard nor told anything. If the append fails, the room is dropped by its own rule and roles are read again.

import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import type { DocumentId, UserId } from '../model/ids.js';
import { allows, type Role } from '../model/roles.js';
import type { DecidedRoles } from './decided-roles.js';
import type { Documents } from './documents.js';
import type { DocumentFact, RecordFacts } from './fact-recorder.js';
import type { Locks } from './locks.js';
import type { PendingMembership } from './pending-membership.js';
import type { Rooms } from './rooms.js';

export interface MembershipOptions {
  readonly documents: Documents;
  readonly pending: PendingMembership;
  readonly decided: DecidedRoles;
  readonly rooms: Rooms;
  readonly locks: Locks;
  readonly record: RecordFacts;
}

export class Membership {
  readonly #options: MembershipOptions;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Gives people a role. Rejects with `not-found`, `forbidden`, and `bad-request` for the owner, who has every right already. */
  async share(id: DocumentId, actor: Actor, userIds: readonly UserId[], role: Role): Promise<void> {
    const { record } = this.#options.documents.authorize(id, actor, 'share');
    const changed = [...new Set(userIds)].filter((userId) => this.#options.documents.memberRole(id, userId) !== role);
    if (userIds.includes(record.ownerId)) throw ownerStays(`/userIds/${userIds.indexOf(record.ownerId)}`);
    const facts = changed.map((userId) => ({ kind: 'shared' as const, actor: actor.userId, meta: { userId, role } }));
    await this.#change(id, actor, facts, new Map(changed.map((userId) => [userId, role])));
  }

  /** Takes a person's role away; nothing happens when they have none. Rejects as `share` does. */
  async unshare(id: DocumentId, actor: Actor, userId: UserId): Promise<void> {
    const { documents } = this.#options;
    const { record } = documents.authorize(id, actor, 'share');
    if (userId === record.ownerId) throw ownerStays(':userId');
    const facts =
      documents.memberRole(id, userId) === null
        ? []
        : [{ kind: 'unshared' as const, actor: actor.userId, meta: { userId } }];
    await this.#change(id, actor, facts, new Map([[userId, null]]));
  }

  async rename(id: DocumentId, actor: Actor, title: string): Promise<void> {
    const { record } = this.#options.documents.authorize(id, actor, 'edit');
    if (record.title !== title)
      await this.#options.record(id, [{ kind: 'renamed', actor: actor.userId, meta: { title } }]);
  }

  /** Ends the document: its connections close with 4410, and its id is never given again. */
  async remove(id: DocumentId, actor: Actor): Promise<void> {
    const { documents, pending, rooms, locks, record } = this.#options;
    documents.authorize(id, actor, 'delete');
    // Opened before anything is decided: afterwards it cannot be.
    await rooms.open(id).catch(() => null);
    documents.authorize(id, actor, 'delete');
    const deleted = new ContrailError('deleted', 'the document was deleted');
    const ended = pending.setDeleting(id);
    const room = rooms.peek(id);
    try {
      for (const session of room?.sessions ?? []) session.role = null;
      const recorded = record(id, [{ kind: 'deleted', actor: actor.userId, meta: null }]);
      if (room) room.guard.sealed = deleted;
      await recorded;
    } finally {
      ended();
    }
    locks.forget(id);
    const open = rooms.peek(id);
    if (!open) return;
    for (const session of open.sessions) session.notice({ event: 'deleted' });
    open.drop(deleted);
  }

  async #change(
    id: DocumentId,
    actor: Actor,
    facts: readonly DocumentFact[],
    roles: ReadonlyMap<UserId, Role | null>,
  ): Promise<void> {
    const { pending, record } = this.#options;
    if (facts.length === 0) return;
    const ended = [...roles].map(([userId, role]) => pending.setRole(id, userId, role));
    try {
      this.#applyRoles(id);
      const recorded = record(id, facts);
      this.#freeLock(id, actor, roles);
      await recorded;
    } finally {
      for (const end of ended) end();
      this.#applyRoles(id);
    }
    if (this.#options.decided.asks) return this.reauthorize(id);
    for (const session of this.#options.rooms.peek(id)?.sessions ?? []) session.tellRole();
  }

  /**
   * Asks again for the role of everybody who has the document open; the answers take effect as a change of membership does. Whoever cannot
   * be asked about is closed with 4500, and comes back.
   */
  async reauthorize(id: DocumentId): Promise<void> {
    const { documents, decided, rooms } = this.#options;
    decided.outdate(id);
    const refresh = [...(rooms.peek(id)?.sessions ?? [])].map((session) =>
      documents.refresh(id, session.actor).catch((error: unknown) => session.outlet.close(asContrailError(error))),
    );
    await Promise.all(refresh);
    this.#applyRoles(id);
    for (const session of rooms.peek(id)?.sessions ?? []) session.tellRole();
  }

  /** Every connection has the role from now on that its actor has now. */
  #applyRoles(id: DocumentId): void {
    const { documents, rooms } = this.#options;
    for (const session of rooms.peek(id)?.sessions ?? []) session.role = documents.currentRole(id, session.actor);
  }

  /** Who may not lock any more does not hold a lock either. */
  #freeLock(id: DocumentId, actor: Actor, roles: ReadonlyMap<UserId, Role | null>): void {
    const { locks, rooms } = this.#options;
    const holder = locks.find(id)?.userId;
    const role = holder === undefined ? undefined : roles.get(holder);
    if (holder === undefined || role === undefined || allows(role, 'lock')) return;
    for (const session of rooms.peek(id)?.sessions ?? [])
      if (session.actor.userId === holder && allows(session.role, 'lock')) return;
    locks.free(id, actor.userId, 'role').catch(() => undefined); // it is tried again, and its ttl ends it in any case
  }
}

const ownerStays = (at: string): ContrailError =>
  new ContrailError('bad-request', "The owner's role cannot be changed.", {
    faults: [{ at, detail: 'is the owner' }],
  });
