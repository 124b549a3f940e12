// An independent oracle: everybody's inbox counted out of the events in plain code, without SQL, counters or windows.

import type { LoggedEvent } from '../../src/model/events.js';
import type { UserId } from '../../src/model/ids.js';
import { type BroadcastAccepted, factOf, type Marked, type Notified, subjectOf } from '../../src/notify/facts.js';
import { type Content, type Counts, rankOf } from '../../src/notify/notification.js';
import { type Preferences, ruleFor, suppressionOf } from '../../src/notify/preferences.js';

interface Held {
  readonly id: string;
  readonly content: Content;
  readonly broadcastId?: string | undefined;
  gone: boolean;
  seenAt: number | null;
  readAt: number | null;
  readEvent: number;
  archivedAt: number | null;
}
interface Shared {
  readonly id: string;
  readonly event: number;
  readonly at: number;
  readonly content: Content;
  recalled: boolean;
}
export interface Present {
  readonly id: string;
  readonly seenAt: number | null;
  readonly readAt: number | null;
}

export class Recount {
  #folded = 0;
  readonly #entries = new Map<UserId, Map<string, Held>>();
  readonly #receipts = new Map<UserId, Map<string, Held>>();
  readonly #contents = new Map<string, Content>();
  readonly #shared: Shared[] = [];
  readonly #since = new Map<UserId, number>();
  readonly #preferences = new Map<UserId, { event: number; preferences: Preferences }[]>();

  catchUp(events: readonly LoggedEvent[]): void {
    for (; this.#folded < events.length; this.#folded++) {
      const event = events[this.#folded];
      if (event !== undefined) this.#fold(event);
    }
  }

  /** What is in an inbox at `now`, newest first. */
  inbox(user: UserId, now: number): Present[] {
    const own = [...this.#of(this.#entries, user).values()].filter(
      (held) => !held.gone && held.archivedAt === null && (held.content.expiresAt ?? Infinity) > now,
    );
    const shared = this.#visible(user, now).map((id) => this.#receipt(user, id));
    return [...own, ...shared].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  counts(user: UserId, now: number): Counts {
    const inbox = this.inbox(user, now);
    return {
      total: inbox.length,
      unread: inbox.filter(({ readAt }) => readAt === null).length,
      unseen: inbox.filter(({ seenAt }) => seenAt === null).length,
    };
  }

  /** How many entries a person has of each broadcast, to find doubles. */
  copies(user: UserId): Map<string, number> {
    const copies = new Map<string, number>();
    for (const { broadcastId } of this.#of(this.#entries, user).values()) {
      if (broadcastId !== undefined) copies.set(broadcastId, (copies.get(broadcastId) ?? 0) + 1);
    }
    return copies;
  }

  #of<Value>(maps: Map<UserId, Map<string, Value>>, user: UserId): Map<string, Value> {
    const map = maps.get(user) ?? new Map<string, Value>();
    maps.set(user, map);
    return map;
  }

  #receipt(user: UserId, id: string): Held {
    const content = this.#contents.get(id) as Content;
    const none = { id, content, gone: false, seenAt: null, readAt: null, readEvent: Infinity, archivedAt: null };
    return this.#of(this.#receipts, user).get(id) ?? none;
  }

  #arrives(user: UserId, shared: Shared): boolean {
    if (shared.event < (this.#since.get(user) ?? Infinity)) return false;
    const current = this.#preferences.get(user)?.findLast(({ event }) => event < shared.event);
    const rule = ruleFor(current?.preferences ?? {}, shared.content.type);
    return suppressionOf(rule, rankOf(shared.content.priority), shared.at) === null;
  }

  #visible(user: UserId, now: number): string[] {
    const arrived = this.#shared.filter((shared) => this.#arrives(user, shared));
    const present = arrived.filter(({ id, recalled, event, content }) => {
      const { archivedAt, readEvent } = this.#receipt(user, id);
      const key = content.collapseKey;
      const isReplaced = (by: Shared): boolean =>
        by.content.collapseKey === key && by.event > event && by.event < readEvent;
      return (
        !recalled &&
        archivedAt === null &&
        (content.expiresAt ?? Infinity) > now &&
        !(key !== undefined && arrived.some(isReplaced))
      );
    });
    return present.map(({ id }) => id);
  }

  #fold(event: LoggedEvent): void {
    const user = subjectOf(event);
    switch (event.kind) {
      case 'notified': {
        const { id, content = null, broadcastId, suppressed } = factOf<Notified>(event);
        const whole = content ?? (this.#contents.get(broadcastId ?? '') as Content);
        const entries = this.#of(this.#entries, user);
        if (suppressed === undefined && whole.collapseKey !== undefined) {
          for (const held of entries.values()) {
            const isLive = (held.content.expiresAt ?? Infinity) > event.at;
            const isUnread = held.readAt === null && held.archivedAt === null && isLive;
            if (held.content.collapseKey === whole.collapseKey && isUnread) held.gone = true;
          }
        }
        const marks = { seenAt: null, readAt: null, readEvent: Infinity, archivedAt: null };
        entries.set(id, { id, content: whole, broadcastId, gone: suppressed !== undefined, ...marks });
        return;
      }
      case 'seen':
      case 'read':
      case 'archived':
        this.#mark(user, event);
        return;
      case 'broadcast': {
        const { content, audience } = factOf<BroadcastAccepted>(event);
        this.#contents.set(user, content);
        if (audience === 'all')
          this.#shared.push({ id: user, event: event.id, at: event.at, content, recalled: false });
        return;
      }
      case 'recalled':
        for (const shared of this.#shared) if (shared.id === user) shared.recalled = true;
        for (const entries of this.#entries.values()) {
          for (const held of entries.values()) if (held.broadcastId === user) held.gone = true;
        }
        return;
      case 'appeared':
        this.#since.set(user, event.id);
        return;
      case 'preferences': {
        const history = this.#preferences.get(user) ?? [];
        history.push({ event: event.id, preferences: factOf<Preferences>(event) });
        this.#preferences.set(user, history);
        return;
      }
      default:
        return;
    }
  }

  #mark(user: UserId, event: LoggedEvent): void {
    const fact = factOf<Marked>(event);
    const ids =
      'ids' in fact ? fact.ids : this.inbox(user, event.at).flatMap(({ id }) => (id <= fact.upTo ? [id] : []));
    for (const id of ids) {
      const own = this.#of(this.#entries, user).get(id);
      const held = own ?? this.#receipt(user, id);
      if (own === undefined) this.#of(this.#receipts, user).set(id, held);
      if (event.kind === 'archived') held.archivedAt ??= event.at;
      else held.seenAt ??= event.at;
      if (event.kind === 'read' && held.readAt === null) {
        held.readAt = event.at;
        held.readEvent = event.id;
      }
    }
  }
}
