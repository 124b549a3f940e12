// Expiry in open views: one timer for the next instant at which something expires. Lists, counts and late joiners need no timer, because
// their queries compare with the clock; this takes the item out of the maps of people who are connected.

import type { UserId } from '../model/ids.js';
import type { Background } from './background.js';
import type { BroadcastReader, Due } from './broadcast-reader.js';
import { type Desk, reframeViews } from './desk.js';

/** The timer runs on a clock that does not step, expiry on one that may: looking again this often bounds what a step can delay. */
const longestWaitMs = 30_000;

export class Expiry {
  readonly #desk: Desk;
  readonly #reader: BroadcastReader;
  readonly #background: Background;
  #target = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #started = false;

  constructor(desk: Desk, background: Background, reader: BroadcastReader) {
    this.#desk = desk;
    this.#background = background;
    this.#reader = reader;
  }

  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** These were sent and expire then; called after their commit, for its duration may have been longer than they last. */
  expects(at: number, entries: readonly Due[]): void {
    if (at <= this.#desk.horizon.current) this.#putRight(entries, []);
    else if (this.#started && at < this.#target) this.#arm();
  }

  close(): void {
    this.#started = false;
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    this.#cancel?.();
    const now = this.#desk.clock.now();
    const next = this.#reader.nextExpiry(this.#desk.horizon.current) ?? Number.POSITIVE_INFINITY;
    this.#target = Math.min(next, now + longestWaitMs);
    this.#cancel = this.#desk.clock.after(Math.max(0, this.#target - now), () => this.#tick());
  }

  /** Moves the horizon to the present, in whichever direction the clock went, and puts right the views that this touches. */
  #tick(): void {
    const from = this.#desk.horizon.current;
    const now = this.#desk.clock.now();
    this.#desk.horizon.current = now;
    const { entries, broadcasts } = this.#reader.due(Math.min(from, now), Math.max(from, now));
    this.#putRight(entries, broadcasts);
    this.#arm();
  }

  #putRight(entries: readonly Due[], broadcasts: readonly string[]): void {
    if (entries.length === 0 && broadcasts.length === 0) return;
    const own = new Map<UserId, string[]>();
    for (const { userId, id } of entries) own.set(userId, [...(own.get(userId) ?? []), id]);
    const affected = this.#desk.openInboxes().filter((user) => broadcasts.length > 0 || own.has(user));
    const touched = (user: UserId): readonly string[] => [...broadcasts, ...(own.get(user) ?? [])];
    if (affected.length > 0) this.#background.start(() => reframeViews(this.#desk, affected, touched));
  }
}
