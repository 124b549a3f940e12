// What a room lets nobody do at the moment, whatever their role: write while somebody else holds the lock, write under a client id of somebody
// else's, write at all while the document is being deleted. Set from outside (locks.ts, client-owners.ts, membership.ts), asked by sessions.

import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { ClientOwners } from './client-owners.js';

export interface Lock {
  readonly userId: UserId;
  /** Unix ms. */
  readonly until: number;
}

export class RoomGuard {
  lock: Lock | null = null;
  /** `null` in open mode: client ids are not bound to people whom nobody has authenticated. */
  owners: ClientOwners | null = null;
  /** Why nothing may be recorded any more. */
  sealed: ContrailError | null = null;

  /** Whether somebody else holds the document. */
  isLockedFor(userId: UserId): boolean {
    return this.lock !== null && this.lock.userId !== userId;
  }

  /**
   * Binds the client ids of an accepted update to its actor; answers those that are new to the log or free. Throws `client-id-taken`, and has
   * bound nothing then.
   */
  claim(sections: readonly { readonly client: number; readonly clock: number }[], userId: UserId): readonly number[] {
    const { owners } = this;
    if (!owners) return sections.filter(({ clock }) => clock === 0).map(({ client }) => client);
    const claimed: number[] = [];
    for (const { client } of sections) {
      const owner = owners.ownerOf(client);
      if (owner === null) claimed.push(client);
      else if (owner !== userId)
        throw new ContrailError('client-id-taken', 'this Yjs client id belongs to somebody else');
    }
    for (const client of claimed) owners.bind(client, userId);
    return claimed;
  }
}
