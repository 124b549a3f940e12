// Who is there, across documents (docs/access.md, "Presence"). online: an open connection; away: every connection says so, or none was
// active for a while; offline otherwise, after a grace for reconnecting. Nothing of this is logged: it is true of this moment only.

import type { UserId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { Room } from './room.js';
import type { Session } from './session.js';

export type PresenceStatus = 'online' | 'away' | 'offline';

export interface PresentUser {
  readonly userId: UserId;
  readonly name: string | null;
  readonly status: 'online' | 'away';
  /** Unix ms. */
  readonly since: number;
  readonly sessions: ReadonlySet<Session>;
}

interface Person {
  readonly sessions: Set<Session>;
  readonly since: number;
  name: string | null;
  /** When the last connection went, Unix ms; `null` while there is one. */
  goneAt: number | null;
  /** What they were when it went. */
  lastStatus: 'online' | 'away';
}

const graceMs = 5_000;
const idleMs = 5 * 60_000;

export class Presence {
  readonly #clock: Clock;
  readonly #people = new Map<UserId, Person>();
  /** Those whose grace runs, in the order in which it ends. */
  readonly #gone = new Set<UserId>();
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** People who are not offline. */
  get size(): number {
    return this.#people.size;
  }

  entered(session: Session): void {
    const { userId, name } = session.actor;
    let person = this.#people.get(userId);
    if (!person) {
      person = { sessions: new Set(), since: this.#clock.now(), name, goneAt: null, lastStatus: 'online' };
      this.#people.set(userId, person);
    }
    person.sessions.add(session);
    person.name = name ?? person.name;
    person.goneAt = null;
    this.#gone.delete(userId);
  }

  left(session: Session): void {
    const { userId } = session.actor;
    const person = this.#people.get(userId);
    if (!person) return;
    const status = this.#statusOf(person);
    if (!person.sessions.delete(session) || person.sessions.size > 0) return;
    person.lastStatus = status;
    person.goneAt = this.#clock.now();
    this.#gone.add(userId);
    this.#cancelTimer ??= this.#clock.after(graceMs, () => this.#sweep());
  }

  statusOf(userId: UserId): PresenceStatus {
    const person = this.#people.get(userId);
    return person ? this.#statusOf(person) : 'offline';
  }

  /** A person's connections. */
  sessionsOf(userId: UserId): Iterable<Session> {
    return this.#people.get(userId)?.sessions ?? [];
  }

  /** Everybody who is not offline, in the order in which they came. */
  users(): readonly PresentUser[] {
    return [...this.#people].map(([userId, person]) => present(userId, person, this.#statusOf(person)));
  }

  /** Who is in a room, once each however many connections they have. */
  usersIn(room: Room): readonly PresentUser[] {
    const ids = new Set([...room.sessions].map(({ actor }) => actor.userId));
    return [...ids].flatMap((userId) => {
      const person = this.#people.get(userId);
      return person ? [present(userId, person, this.#statusOf(person))] : [];
    });
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #statusOf({ sessions, lastStatus }: Person): 'online' | 'away' {
    if (sessions.size === 0) return lastStatus;
    const activeAfter = this.#clock.now() - idleMs;
    for (const session of sessions) if (session.activeAt > activeAfter && !session.saysAway) return 'online';
    return 'away';
  }

  #sweep(): void {
    this.#cancelTimer = null;
    const now = this.#clock.now();
    for (const userId of this.#gone) {
      const goneAt = this.#people.get(userId)?.goneAt ?? 0;
      if (goneAt + graceMs > now) {
        this.#cancelTimer = this.#clock.after(goneAt + graceMs - now, () => this.#sweep());
        return;
      }
      this.#gone.delete(userId);
      this.#people.delete(userId);
    }
  }
}

const present = (userId: UserId, { name, since, sessions }: Person, status: 'online' | 'away'): PresentUser => ({
  userId,
  name,
  status,
  since,
  sessions,
});
