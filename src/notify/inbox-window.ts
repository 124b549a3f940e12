// The window: the newest notifications of an inbox, as the entries of the person's view document, and the patches that keep it so.
// Three ways to a patch: `predict` for a change of one inbox, in the transaction of its event; `arrival` and `reframe` for what reaches many
// at once, after its event (inboxes that open meanwhile are built from the projection, so nobody misses it).

import { type StreamName, streamName, type UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import { formatTime } from '../model/time.js';
import type { EntryPatch, ViewPatch } from '../model/views.js';
import { timeOfId } from './id-sequence.js';
import type { InboxReader, Moment } from './inbox-reader.js';
import type { Content, Notification } from './notification.js';

/** What a change does to one inbox. */
export interface WindowChange {
  /** The new one, when it arrives. */
  readonly add?: Notification;
  /** Ids that leave the inbox. */
  readonly remove?: readonly string[];
  /** Fields that change, for each id; those outside the window are left out. */
  readonly set?: ReadonlyMap<string, Readonly<Record<string, Json>>>;
}

/** How many more rows than those touched a `reframe` puts right around the window's edge, in case changes overlapped. */
const slack = 8;

const viewOf = (user: UserId): StreamName => streamName('view', user);

/** A notification as the fields of its entry: the record without what only history shows. */
const fieldsOf = ({ standing: _, suppressed: __, ...record }: Notification): Readonly<Record<string, Json>> => record;

/** What is sent, as it looks before anybody has seen it. */
export const freshNotification = (
  id: string,
  actor: UserId,
  { content, broadcastId }: { readonly content: Content; readonly broadcastId?: string },
): Notification => {
  const { expiresAt, type, priority, title, message, data, ...keys } = content;
  return {
    ...{ id, type, priority, title, message, data, actor, ...keys },
    ...(broadcastId === undefined ? {} : { broadcastId }),
    createdAt: formatTime(timeOfId(id)),
    ...(expiresAt === undefined ? {} : { expiresAt: formatTime(expiresAt) }),
    seenAt: null,
    readAt: null,
    archivedAt: null,
  };
};

export class InboxWindow {
  readonly #reader: InboxReader;
  readonly #size: number;

  constructor(reader: InboxReader, size: number) {
    this.#reader = reader;
    this.#size = size;
  }

  /** The whole window, newest first. */
  entries(moment: Moment): readonly EntryPatch[] {
    return this.#reader
      .newestNotifications(moment, this.#size)
      .map((notification) => ({ key: notification.id, fields: fieldsOf(notification) }));
  }

  /** The patch for a change that is about to be committed; nothing else may change the inbox meanwhile. */
  predict(moment: Moment, { add, remove = [], set = new Map() }: WindowChange): readonly ViewPatch[] {
    const inbox = this.#reader.newest(moment, this.#size + remove.length).map(({ id }) => id);
    const shown = new Set(inbox.slice(0, this.#size));
    const kept = inbox.filter((id) => !remove.includes(id));
    if (add !== undefined) {
      kept.push(add.id);
      kept.sort((a, b) => (a < b ? 1 : -1));
    }
    const willShow = new Set(kept.slice(0, this.#size));
    // Also what is removed from outside the window: a view that opened after the horizon may reach further down.
    const leaving = new Set([...remove, ...[...shown].filter((id) => !willShow.has(id))]);
    const entries: EntryPatch[] = [...leaving].map((id) => ({ key: id, fields: null }));
    for (const id of willShow) {
      if (shown.has(id)) {
        const fields = set.get(id);
        if (fields !== undefined) entries.push({ key: id, fields });
      } else entries.push(id === add?.id ? { key: id, fields: fieldsOf(add) } : this.#entry(moment, id));
    }
    return this.#patch(moment.user, entries);
  }

  /**
   * The patches for a broadcast to all that came, view by view. What it pushes out need not be looked up: a view drops whatever is the oldest of what it
   * shows, so that it is right whichever other changes are still on their way to it. For those to whom it is `asSent` the entry is the same, and is
   * made once.
   */
  arrival(id: string): (moment: Moment, asSent: boolean) => readonly ViewPatch[] {
    let common: EntryPatch | null = null;
    return (moment, asSent) => {
      if (asSent && common !== null) return this.#arrival(moment.user, common);
      const notification = this.#reader.findBroadcast(moment, id);
      if (notification === null || notification.standing !== undefined || notification.archivedAt !== null)
        return this.reframe(moment, [id]);
      const entry = { key: id, fields: fieldsOf(notification) };
      if (asSent) common = entry;
      return this.#arrival(moment.user, entry);
    };
  }

  /** The patch that makes the view right again for the ids `touched` and around the window's edge, from the inbox as it is now. */
  reframe(moment: Moment, touched: readonly string[]): readonly ViewPatch[] {
    const margin = touched.length + slack;
    const inbox = this.#reader.newest(moment, this.#size + margin).map(({ id }) => id);
    const edge = inbox.slice(Math.max(0, this.#size - margin), this.#size);
    const shown = new Set(inbox.slice(0, this.#size));
    const right = new Set([...touched, ...edge, ...inbox.slice(this.#size)]);
    const entries = [...right].map((id) => (shown.has(id) ? this.#entry(moment, id) : { key: id, fields: null }));
    return this.#patch(moment.user, entries);
  }

  #arrival(user: UserId, entry: EntryPatch): readonly ViewPatch[] {
    return this.#patch(user, [entry]).map((patch) => ({ ...patch, highest: this.#size }));
  }

  #entry(moment: Moment, id: string): EntryPatch {
    const notification = this.#reader.find(moment, id);
    return { key: id, fields: notification && fieldsOf(notification) };
  }

  #patch(user: UserId, entries: readonly EntryPatch[]): readonly ViewPatch[] {
    return entries.length === 0 ? [] : [{ view: viewOf(user), entries, onlyIfOpen: true }];
  }
}
