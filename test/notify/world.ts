// A server's surroundings for notifications: a log in memory with the projection behind it, view documents as plain maps, a virtual clock, and
// ways to crash. Commits are asynchronous and come in groups, as the real ones do.

import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { ContrailError } from '../../src/model/errors.js';
import type { LoggedEvent, NewEvent } from '../../src/model/events.js';
import { parseStreamName, parseUserId, type UserId } from '../../src/model/ids.js';
import type { Json } from '../../src/model/json.js';
import type { SqlDatabase } from '../../src/model/projection.js';
import type { CommitChange, DomainChange } from '../../src/model/views.js';
import { createNotifications, type Notifications } from '../../src/notify/notifications.js';
import { notifyProjection } from '../../src/notify/projection.js';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.js';

export type View = Map<string, Readonly<Record<string, Json>>>;

export const start = Date.UTC(2026, 10, 22, 8);

export const person = (name: string): UserId => {
  const id = parseUserId(name);
  if (id === null) throw new Error(`${name} is no user id`);
  return id;
};

/** Mulberry32: the same numbers for the same seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Waits, without guessing how long, until something is so. */
export const until = async (condition: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await setImmediate();
  }
};

/** What happens to a commit: logged; refused; or logged, but the answer is lost because the process dies. */
export type Fate = 'logged' | 'refused' | 'logged-then-killed' | 'killed';

export class World {
  readonly clock: VirtualClock;
  readonly db: SqlDatabase;
  readonly events: LoggedEvent[] = [];
  readonly views = new Map<UserId, View>();
  readonly reports: unknown[] = [];
  readonly random: () => number;
  online: UserId[] = [];
  fate: (change: DomainChange) => Fate = () => 'logged';
  commits = 0;
  windowSize = 100;
  /** How far the server's time of day is off from the time its timers run on. */
  skewMs = 0;
  #notifications: Notifications | null = null;
  #generation = 0;
  #heads = new Map<string, number>();
  #lastTimes = new Map<string, number>();
  #waiting: (() => void)[] = [];
  #listeners = new Set<(events: readonly LoggedEvent[]) => void>();
  #fold: (event: LoggedEvent) => void;

  constructor(seed = 1, windowSize = 100) {
    this.random = seededRandom(seed);
    this.windowSize = windowSize;
    this.clock = createVirtualClock(start);
    this.db = new Database(':memory:') as unknown as SqlDatabase;
    this.db.exec(notifyProjection.schema);
    this.#fold = notifyProjection.open(this.db);
  }

  get notifications(): Notifications {
    if (this.#notifications === null) this.boot();
    if (this.#notifications === null) throw new Error('not booted');
    return this.#notifications;
  }

  /** A server starts on what is in the log. */
  boot(): Notifications {
    const generation = ++this.#generation;
    this.#listeners.clear();
    this.#notifications = createNotifications({
      log: { tail: (listener) => this.#tail(listener) },
      db: this.db,
      commit: (change) => this.#commit(change, generation),
      clock: { now: () => this.clock.now() + this.skewMs, after: (ms, task) => this.clock.after(ms, task) },
      random: this.random,
      online: () => this.online,
      openInboxes: () => [...this.views.keys()],
      config: { inboxWindow: this.windowSize },
      report: (error) => this.reports.push(error),
    });
    this.#notifications.start();
    return this.#notifications;
  }

  /** The process dies: nothing it had under way goes on, all views are gone. */
  kill(): void {
    this.#generation++;
    void this.#notifications?.close();
    this.#notifications = null;
    this.views.clear();
  }

  /** Somebody's first connection with the inbox channel. */
  async open(user: UserId): Promise<View> {
    await this.notifications.personSeen(user);
    const view: View = new Map();
    this.views.set(user, view);
    await this.notifications.inboxSettled(user);
    for (const { key, fields } of this.notifications.inboxWindow(user, this.clock.now())) {
      if (fields !== null) view.set(key, { ...(fields as Record<string, Json>) });
    }
    return view;
  }

  /** The other party's events, in one transaction with patches, as flights log theirs. */
  commit(change: DomainChange): Promise<readonly LoggedEvent[]> {
    return this.#commit(change, this.#generation);
  }

  #tail(listener: (events: readonly LoggedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #commit(change: DomainChange, generation: number): ReturnType<CommitChange> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        if (generation !== this.#generation) return; // the process that asked is dead: it never hears an answer
        const fate = this.fate(change);
        if (fate === 'killed') return this.kill();
        if (fate === 'refused') return reject(new ContrailError('log-unavailable', 'The log cannot write.'));
        try {
          const logged = this.#log(change);
          if (fate === 'logged-then-killed') return this.kill();
          this.#carryOut(change);
          resolve(logged);
          for (const listener of this.#listeners) listener(logged);
        } catch (error) {
          reject(error);
        }
      });
      if (this.#waiting.length === 1) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    await setImmediate();
    const group = this.#waiting;
    this.#waiting = [];
    for (const task of group) task();
  }

  #log(change: DomainChange): LoggedEvent[] {
    for (const { stream, head } of change.expect ?? []) {
      if ((this.#heads.get(stream) ?? 0) !== head) throw new ContrailError('conflict', `${stream} has moved on`);
    }
    this.commits++;
    this.db.exec('BEGIN');
    try {
      const logged = change.events.map((event) => this.#stamp(event));
      for (const event of logged) this.#fold(event);
      this.db.exec('COMMIT');
      return logged;
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw error;
    }
  }

  #stamp(event: NewEvent): LoggedEvent {
    const seq = (this.#heads.get(event.stream) ?? 0) + 1;
    this.#heads.set(event.stream, seq);
    const meta = JSON.parse(JSON.stringify(event.meta)) as LoggedEvent['meta'];
    const at = Math.max(event.at, this.#lastTimes.get(event.stream) ?? 0);
    this.#lastTimes.set(event.stream, at);
    const logged = { ...event, meta, seq, id: this.events.length + 1, at };
    this.events.push(logged);
    return logged;
  }

  #carryOut(change: DomainChange): void {
    for (const { view, entries, highest } of change.views) {
      const map = this.views.get((parseStreamName(view)?.name ?? '') as UserId);
      if (map === undefined) continue;
      for (const { key, fields } of entries) {
        if (fields === null) map.delete(key);
        else map.set(key, { ...map.get(key), ...(fields as Record<string, Json>) });
      }
      if (highest !== undefined) for (const key of [...map.keys()].sort().slice(0, -highest)) map.delete(key);
    }
  }
}

/** All rows of all tables, for comparing two projections. */
export const dump = (db: SqlDatabase): Record<string, unknown[]> =>
  Object.fromEntries(notifyProjection.tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]));

/** The projection computed afresh from the events. */
export const refill = (events: readonly LoggedEvent[]): SqlDatabase => {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  db.exec(notifyProjection.schema);
  const fold = notifyProjection.open(db);
  for (const event of events) fold(event);
  return db;
};
