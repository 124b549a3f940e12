// Locks: one person holds a document for a while. Other people's edits are then neither taken nor lost: they stay in their clients, and on
// release the server asks every connection for what it has. Locks are events; this holds the current ones, from the projection (lock-index.ts).
//
// ### Ordering
// A lock counts from the moment it is granted and until it is freed, both before their events are on their way, and the events go through the
// room. A lock's time ends by the timer that frees it, not by comparing clocks, so between `locked` and `unlocked` the log has the holder's edits alone.
//
// ### Failure
// When an event cannot be logged, the room is dropped and what holds is read again; a lock whose time is over is freed a second later.

import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import { type DocumentId, systemActor, type UserId } from '../model/ids.js';
import { type Clock, formatTime } from '../model/time.js';
import type { RecordFacts } from './fact-recorder.js';
import type { LockQueries } from './lock-index.js';
import type { Room } from './room.js';
import type { Lock } from './room-guard.js';
import type { Rooms } from './rooms.js';

export interface LocksOptions {
  readonly index: LockQueries;
  readonly rooms: Pick<Rooms, 'peek'>;
  readonly record: RecordFacts;
  readonly clock: Clock;
}

export type FreedBy = 'released' | 'broken' | 'expired' | 'left' | 'role';

interface HeldLock extends Lock {
  /** When the holder's last connection went, Unix ms; `null` while there is one, or never was. */
  goneSince: number | null;
  /** Not freed by time before this, because that was tried and failed. */
  retryAt: number;
}

export const defaultLockSeconds = 30;
export const maxLockSeconds = 3600;
/** A holder whose connections are all gone keeps the lock for so long. */
const graceMs = 10_000;
const retryMs = 1_000;

export class Locks {
  readonly #options: LocksOptions;
  readonly #held = new Map<DocumentId, HeldLock>();
  #cancelTimer: (() => void) | null = null;

  constructor(options: LocksOptions) {
    this.#options = options;
    for (const { id, userId, until } of options.index.all()) this.#set(id, { userId, until });
  }

  /** How many documents are locked. */
  get size(): number {
    return this.#held.size;
  }

  find(id: DocumentId): Lock | null {
    return this.#held.get(id) ?? null;
  }

  /** Throws `locked` while somebody else holds the document: for edits that do not come through a connection. */
  assertUnlocked(id: DocumentId, actor: Pick<Actor, 'userId'>): void {
    const held = this.#held.get(id);
    if (!held || held.userId === actor.userId) return;
    throw new ContrailError('locked', `${held.userId} holds the lock until ${formatTime(held.until)}.`, {
      extra: { lock: presentLock(held) },
    });
  }

  /** Takes or renews the lock; the caller has checked the role. Rejects with `locked`. */
  async lock(id: DocumentId, actor: Pick<Actor, 'userId'>, ttlSeconds = defaultLockSeconds): Promise<Lock> {
    this.assertUnlocked(id, actor);
    const lock: Lock = { userId: actor.userId, until: this.#options.clock.now() + ttlSeconds * 1000 };
    this.#set(id, lock);
    try {
      await this.#options.record(id, [{ kind: 'locked', actor: actor.userId, meta: { until: lock.until } }]);
    } catch (error) {
      this.#readAgain(id);
      throw error;
    }
    for (const session of this.#options.rooms.peek(id)?.sessions ?? []) session.notice(lockedNotice(lock));
    return lock;
  }

  /** Ends a lock: the holder's own, or anybody's for whom `mayBreak`. Nothing happens when there is none; the caller has checked the role. Rejects with `locked`. */
  async unlock(id: DocumentId, actor: Pick<Actor, 'userId'>, mayBreak: boolean): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    const own = held.userId === actor.userId;
    if (!mayBreak) this.assertUnlocked(id, actor);
    await this.free(id, actor.userId, own ? 'released' : 'broken');
  }

  /** Frees the lock, tells everybody, and asks for what their clients have kept. */
  async free(id: DocumentId, actor: UserId, by: FreedBy): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    this.#set(id, null);
    try {
      await this.#options.record(id, [{ kind: 'unlocked', actor, meta: { holder: held.userId, by } }]);
    } catch (error) {
      this.#readAgain(id);
      throw error;
    }
    for (const session of this.#options.rooms.peek(id)?.sessions ?? []) {
      session.askEditor();
      session.notice({ event: 'unlocked' });
    }
  }

  /** The document is gone, and its lock with it. */
  forget(id: DocumentId): void {
    this.#set(id, null);
  }

  /** A room has come into memory. */
  opened(room: Room): void {
    room.guard.lock = this.find(room.id);
  }

  entered(room: Room, userId: UserId): void {
    const held = this.#held.get(room.id);
    if (held?.userId === userId) held.goneSince = null;
  }

  left(room: Room, userId: UserId): void {
    const held = this.#held.get(room.id);
    if (held?.userId !== userId) return;
    for (const session of room.sessions) if (session.actor.userId === userId) return;
    held.goneSince = this.#options.clock.now();
    this.#schedule();
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#held.clear();
  }

  #set(id: DocumentId, lock: Lock | null, retryAt = 0): void {
    if (lock) this.#held.set(id, { ...lock, goneSince: null, retryAt });
    else this.#held.delete(id);
    const room = this.#options.rooms.peek(id);
    if (room) room.guard.lock = lock;
    this.#schedule();
  }

  #readAgain(id: DocumentId): void {
    this.#set(id, this.#options.index.find(id), this.#options.clock.now() + retryMs);
  }

  /** One timer for all locks, at the first time that is over. */
  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#held.size === 0) return;
    let due = Number.POSITIVE_INFINITY;
    for (const held of this.#held.values()) due = Math.min(due, endOf(held));
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(Math.max(0, due - clock.now()), () => this.#tick());
  }

  #tick(): void {
    const now = this.#options.clock.now();
    for (const [id, held] of [...this.#held]) {
      if (endOf(held) > now) continue;
      this.free(id, systemActor, held.until <= now ? 'expired' : 'left').catch(() => undefined); // #readAgain has set it for another try
    }
    this.#schedule();
  }
}

const endOf = ({ until, goneSince, retryAt }: HeldLock): number =>
  Math.max(retryAt, goneSince === null ? until : Math.min(until, goneSince + graceMs));

export const presentLock = ({ userId, until }: Lock): { readonly userId: string; readonly until: string } => ({
  userId,
  until: formatTime(until),
});

export const lockedNotice = ({ userId, until }: Lock) => ({ event: 'locked', by: userId, until: formatTime(until) });
