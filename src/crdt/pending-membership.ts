// Changes of membership that are decided and not yet durable. They count at once for whatever would be accepted next, so that no event of
// somebody's can be logged after the one that took their role away; the projection has them once they are durable.

import type { DocumentId, UserId } from '../model/ids.js';
import type { Role } from '../model/roles.js';

interface Pending {
  readonly role: Role | null;
}

export class PendingMembership {
  readonly #roles = new Map<DocumentId, Map<UserId, Pending>>();
  readonly #deleting = new Set<DocumentId>();

  /** `undefined` when nothing is pending for the user. */
  roleOf(id: DocumentId, userId: UserId): Role | null | undefined {
    return this.#roles.get(id)?.get(userId)?.role;
  }

  isDeleting(id: DocumentId): boolean {
    return this.#deleting.has(id);
  }

  /** The function returned ends it, unless a later change took its place. */
  setRole(id: DocumentId, userId: UserId, role: Role | null): () => void {
    const pending: Pending = { role };
    const users = this.#roles.get(id) ?? new Map<UserId, Pending>();
    this.#roles.set(id, users.set(userId, pending));
    return () => {
      if (users.get(userId) === pending) users.delete(userId);
      if (users.size === 0 && this.#roles.get(id) === users) this.#roles.delete(id);
    };
  }

  /** The function returned ends it. */
  setDeleting(id: DocumentId): () => void {
    this.#deleting.add(id);
    return () => this.#deleting.delete(id);
  }
}
