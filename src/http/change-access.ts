// Which changes a reader may see, and as what (I5): decided at the moment at which they are about to be sent, by the role that holds then, not
// by the one that held when they happened. So a revocation takes effect at once, for what is new and for what is old.

import type { Documents } from '../crdt/documents.js';
import type { Actor } from '../model/actor.js';
import type { DocumentId, UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Notifications } from '../notify/notifications.js';
import type { Change } from './change.js';

export interface ChangeAccessOptions {
  readonly documents: Pick<Documents, 'currentRole' | 'lastRole' | 'refresh'>;
  readonly notifications: Pick<Notifications, 'find' | 'wasSent'>;
}

/** What a reader sees of a change; `null` for nothing. Good for one synchronous pass: it remembers roles. */
export type Sight = (change: Change) => Change | null;

export class ChangeAccess {
  readonly #options: ChangeAccessOptions;

  constructor(options: ChangeAccessOptions) {
    this.#options = options;
  }

  /** To be awaited before changes are looked at: where roles are decided outside, it is asked for them. */
  async ask(actor: Actor, changes: readonly Change[]): Promise<void> {
    const ids = new Set(changes.flatMap(({ type, subject }) => (type === 'document' ? [subject as DocumentId] : [])));
    await Promise.all([...ids].map((id) => this.#options.documents.refresh(id, actor)));
  }

  of(actor: Actor): Sight {
    const { documents } = this.#options;
    const open = new Map<string, boolean>();
    const isOpen = (id: string): boolean => {
      const known = open.get(id) ?? documents.currentRole(id as DocumentId, actor) !== null;
      open.set(id, known);
      return known;
    };
    return (change) => {
      switch (change.type) {
        case 'document':
          // That it was deleted is the last that its people hear of a document.
          return isOpen(change.subject) ||
            (change.kind === 'deleted' && documents.lastRole(change.subject as DocumentId, actor) !== null)
            ? change
            : null;
        case 'flight':
          return change;
        case 'notification':
          return change.subject === actor.userId ? this.#shown(change) : null;
        case 'preferences':
          return change.subject === actor.userId ? change : null;
        case 'broadcast':
          return this.#broadcast(change, actor);
      }
    };
  }

  /** Of the server's own operator, who has the database anyway: everything. */
  ofOperator(): Sight {
    return (change) => (change.type === 'notification' ? this.#shown(change) : change);
  }

  /** A notification as it is now; nothing of one that was recalled. */
  #shown(change: Change): Change | null {
    if (change.kind !== 'notified') return change;
    return this.#withNotification(change, change.subject as UserId, String(change.data?.['notificationId']));
  }

  /** To its recipients a broadcast to all is a notification; its course is for those who may send. */
  #broadcast(change: Change, { userId, admin }: Actor): Change | null {
    const asTheirs: Change = { ...change, type: 'notification', subject: userId };
    if (change.kind === 'broadcast' && change.data?.['audience'] === 'all') {
      const notified = this.#withNotification({ ...asTheirs, kind: 'notified' }, userId, change.subject);
      if (notified !== null) return notified;
    }
    if (change.kind === 'recalled' && this.#options.notifications.wasSent(userId, change.subject))
      return { ...asTheirs, data: { broadcastId: change.subject } };
    if (!admin) return null;
    const { content, ...course } = change.data ?? {};
    return { ...change, data: course };
  }

  #withNotification(change: Change, userId: UserId, id: string): Change | null {
    const notification = this.#options.notifications.find(userId, id);
    return notification && { ...change, data: { notification: notification as unknown as JsonObject } };
  }
}
