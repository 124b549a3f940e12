// Reads one person's inbox out of the projection: pages, the window of the newest, counts. Everything is exact at the `now` given.
// Reads only; what changes an inbox is in sender.ts, marks.ts and broadcasts.ts.

import type { UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { SqlDatabase } from '../model/projection.js';
import { formatTime } from '../model/time.js';
import { timeOfId } from './id-sequence.js';
import * as sql from './inbox-sql.js';
import {
  type Counts,
  type Notification,
  type NotificationPage,
  type NotificationType,
  priorityOf,
  rankOf,
  type Suppression,
  standings,
} from './notification.js';
import { type FullRule, type Preferences, ruleFor } from './preferences.js';
import type { ListQuery } from './request.js';
import { never } from './schema.js';
import { prepareNamed } from './statement.js';

/** A notification in an inbox, as far as the window needs it. */
export interface InboxItem {
  readonly id: string;
  readonly readAt: number | null;
  readonly seenAt: number | null;
}

export interface Moment {
  readonly user: UserId;
  readonly now: number;
}

interface Row extends InboxItem {
  readonly broadcastId: string | null;
  readonly archivedAt: number | null;
  readonly suppressed: Suppression | null;
  readonly standing: number;
  readonly type: NotificationType;
  readonly rank: number;
  readonly title: string;
  readonly message: string;
  readonly data: string;
  readonly actor: UserId;
  readonly subjectId: string | null;
  readonly collapseKey: string | null;
  readonly expiresAt: number;
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

const notificationOf = (row: Row): Notification => {
  const standing = standings[row.standing] ?? 'active';
  return {
    id: row.id,
    type: row.type,
    priority: priorityOf(row.rank),
    title: row.title,
    message: row.message,
    data: JSON.parse(row.data) as JsonObject,
    actor: row.actor,
    ...(row.subjectId === null ? {} : { subjectId: row.subjectId }),
    ...(row.collapseKey === null ? {} : { collapseKey: row.collapseKey }),
    ...(row.broadcastId === null ? {} : { broadcastId: row.broadcastId }),
    createdAt: formatTime(timeOfId(row.id)),
    ...(row.expiresAt === never ? {} : { expiresAt: formatTime(row.expiresAt) }),
    seenAt: timeOrNull(row.seenAt),
    readAt: timeOrNull(row.readAt),
    archivedAt: timeOrNull(row.archivedAt),
    ...(standing === 'active' ? {} : { standing }),
    ...(row.suppressed === null ? {} : { suppressed: row.suppressed }),
  };
};

/** The `limit` newest of two lists that are both newest first. */
const mergeNewest = <Item extends { readonly id: string }>(
  own: readonly Item[],
  shared: readonly Item[],
  limit: number,
): Item[] => {
  if (shared.length === 0) return own.slice(0, limit);
  const merged: Item[] = [];
  for (let left = 0, right = 0; merged.length < limit; ) {
    const [a, b] = [own[left], shared[right]];
    const next = a !== undefined && (b === undefined || a.id > b.id) ? a : b;
    if (next === undefined) break;
    merged.push(next);
    if (next === a) left++;
    else right++;
  }
  return merged;
};

const beforeAll = '~'; // sorts after every id

export class InboxReader {
  readonly #ownPages;
  readonly #broadcastPage;
  readonly #ownEntry;
  readonly #broadcastEntry;
  readonly #ownIds;
  readonly #broadcastIds;
  readonly #ownCounts;
  readonly #ownExpired;
  readonly #broadcastCounts;
  readonly #ownUnreadByKey;
  readonly #ownCollapsed;
  readonly #since;
  readonly #hasRules;
  readonly #preferences;

  constructor(db: SqlDatabase) {
    this.#ownPages = {
      all: prepareNamed(db, sql.ownPages.all),
      unread: prepareNamed(db, sql.ownPages.unread),
      archived: prepareNamed(db, sql.ownPages.archived),
      history: prepareNamed(db, sql.ownPages.history),
    };
    this.#broadcastPage = prepareNamed(db, sql.broadcastPage);
    this.#ownEntry = prepareNamed(db, sql.ownEntry);
    this.#broadcastEntry = prepareNamed(db, sql.broadcastEntry);
    this.#ownIds = prepareNamed(db, sql.ownIds);
    this.#broadcastIds = prepareNamed(db, sql.broadcastIds);
    this.#ownCounts = prepareNamed(db, sql.ownCounts);
    this.#ownExpired = prepareNamed(db, sql.ownExpired);
    this.#broadcastCounts = prepareNamed(db, sql.broadcastCounts);
    this.#ownUnreadByKey = prepareNamed(db, sql.ownUnreadByKey);
    this.#ownCollapsed = prepareNamed(db, sql.ownCollapsed);
    this.#since = prepareNamed(db, sql.personSince);
    this.#hasRules = prepareNamed(db, sql.hasRules);
    this.#preferences = prepareNamed(db, sql.preferencesOf);
  }

  page({ user, now }: Moment, query: ListQuery & { readonly limit: number }): NotificationPage {
    const { state = 'all', type = null, priority, include = [], limit, after = beforeAll } = query;
    const included = include.reduce((bits, standing) => bits | (1 << standings.indexOf(standing)), 1);
    const parameters = {
      ...{ user, now, type, rank: priority === undefined ? null : rankOf(priority), before: after, limit: limit + 1 },
      ...{ unread: state === 'unread' ? 1 : 0, archived: state === 'archived' ? 1 : 0, standings: included },
    };
    const own = this.#ownPages[include.length === 0 ? state : 'history'].all(parameters) as Row[];
    const person = this.#person(user);
    const shared = person === null ? [] : (this.#broadcastPage.all({ ...parameters, ...person }) as Row[]);
    const rows = mergeNewest(own, shared, limit + 1);
    const shown = rows.slice(0, limit);
    const next = rows.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return { notifications: shown.map(notificationOf), ...this.counts({ user, now }), next };
  }

  counts({ user, now }: Moment): Counts {
    const own = this.#ownCounts.get({ user }) as Counts | undefined;
    const gone = own && (this.#ownExpired.get({ user, now }) as Counts);
    const person = this.#person(user);
    const shared = person && (this.#broadcastCounts.get({ user, now, ...person }) as Counts);
    const sum = (of: keyof Counts): number => (own?.[of] ?? 0) - (gone?.[of] ?? 0) + (shared?.[of] ?? 0);
    return { total: sum('total'), unread: sum('unread'), unseen: sum('unseen') };
  }

  /** One notification with its standing at `now`; `null` when it never was this person's, or was recalled. */
  find({ user, now }: Moment, id: string): Notification | null {
    const own = this.#ownEntry.get({ user, now, id }) as Row | undefined;
    if (own !== undefined) return own.standing === standings.indexOf('recalled') ? null : notificationOf(own);
    const person = this.#person(user);
    const shared = person && (this.#broadcastEntry.get({ user, now, id, ...person }) as Row | undefined);
    return shared ? notificationOf(shared) : null;
  }

  /** The newest `limit` in the inbox, newest first. */
  newest({ user, now }: Moment, limit: number): InboxItem[] {
    const own = this.#ownIds.all({ user, now, limit }) as InboxItem[];
    const person = this.#person(user);
    const shared = person === null ? [] : (this.#broadcastIds.all({ user, now, limit, ...person }) as InboxItem[]);
    return mergeNewest(own, shared, limit);
  }

  /** The newest `limit` in the inbox as whole notifications, newest first. */
  newestNotifications(moment: Moment, limit: number): readonly Notification[] {
    const parameters = { ...moment, type: null, rank: null, before: beforeAll, limit };
    const own = this.#ownPages.all.all(parameters) as Row[];
    const person = this.#person(moment.user);
    const filters = { unread: 0, archived: 0, standings: 1 };
    const shared = person === null ? [] : (this.#broadcastPage.all({ ...parameters, ...filters, ...person }) as Row[]);
    return mergeNewest(own, shared, limit).map(notificationOf);
  }

  /** Ids of the person's own unread ones with this collapse key. */
  unreadByKey({ user, now }: Moment, key: string): readonly string[] {
    return (this.#ownUnreadByKey.all({ user, now, key }) as { id: string }[]).map(({ id }) => id);
  }

  /** Ids of the person's own with this key that were replaced last. */
  collapsedByKey(user: UserId, key: string): readonly string[] {
    return (this.#ownCollapsed.all({ user, key }) as { id: string }[]).map(({ id }) => id);
  }

  /** Whether some of the person's own have expired and are still in the stored counters. */
  hasUnsettled(moment: Moment): boolean {
    return (this.#ownExpired.get({ ...moment }) as Counts).total > 0;
  }

  /** The time of the inbox's last event: the log lets no later one go back behind it. */
  lastAt(user: UserId): number {
    return (this.#ownCounts.get({ user }) as { lastAt: number } | undefined)?.lastAt ?? 0;
  }

  isKnown(user: UserId): boolean {
    return this.#since.get({ user }) !== undefined;
  }

  preferences(user: UserId): Preferences {
    const row = this.#preferences.get({ user }) as { preferences: string } | undefined;
    return row === undefined ? {} : (JSON.parse(row.preferences) as Preferences);
  }

  /** `null` for people without preferences. */
  rule(user: UserId, type: NotificationType): FullRule | null {
    const row = this.#preferences.get({ user }) as { preferences: string } | undefined;
    return row === undefined ? null : ruleFor(JSON.parse(row.preferences) as Preferences, type);
  }

  #person(user: UserId): { since: number; ruled: number } | null {
    const person = this.#since.get({ user }) as { since: number } | undefined;
    if (person === undefined) return null;
    return { since: person.since, ruled: this.#hasRules.get({ user }) === undefined ? 0 : 1 };
  }
}
