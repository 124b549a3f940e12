// Reads one person's inbox out of the projection: pages, the window of the newest, counts. Everything is exact at the `now` given.
// Reads only; what changes an inbox is in sender.ts, marks.ts and broadcasts.ts.

import type { UserId } from '../model/ids.js';
import { onOneSnapshot, type SqlDatabase } from '../model/projection.js';
import { formatTime } from '../model/time.js';
import { type BroadcastSql, type Person, person, underRules, withoutRules } from './broadcast-sql.js';
import { timeOfId } from './id-sequence.js';
import * as sql from './inbox-sql.js';
import {
  type Content,
  type Counts,
  type Notification,
  type NotificationPage,
  type NotificationType,
  rankOf,
  type Suppression,
  standings,
} from './notification.js';
import { type FullRule, type Preferences, ruleFor } from './preferences.js';
import type { ListQuery } from './request.js';
import { never } from './schema.js';
import { type Parameters, prepareNamed } from './statement.js';

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
  readonly actor: UserId;
  readonly content: Content;
}

/** A `Row` as the pages' SQL packs it. */
type PackedRow = readonly [
  id: string,
  broadcastId: string | null,
  seenAt: number | null,
  readAt: number | null,
  archivedAt: number | null,
  standing: number,
  suppressed: Suppression | null,
  actor: UserId,
  content: Content,
];

/** A row of one notification alone: its content is JSON. */
type EntryRow = Omit<Row, 'content'> & { readonly content: string };

const parsed = (row: EntryRow): Row => ({ ...row, content: JSON.parse(row.content) as Content });

const unpacked = (packed: string): readonly Row[] =>
  (JSON.parse(packed) as readonly PackedRow[]).map(
    ([id, broadcastId, seenAt, readAt, archivedAt, standing, suppressed, actor, content]) => ({
      id,
      broadcastId,
      seenAt,
      readAt,
      archivedAt,
      standing,
      suppressed,
      actor,
      content,
    }),
  );

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(ms));

const notificationOf = (row: Row): Notification => {
  const { expiresAt, ...content } = row.content;
  const standing = standings[row.standing] ?? 'active';
  return {
    id: row.id,
    ...content,
    actor: row.actor,
    ...(row.broadcastId === null ? {} : { broadcastId: row.broadcastId }),
    createdAt: formatTime(timeOfId(row.id)),
    ...(expiresAt === undefined ? {} : { expiresAt: formatTime(expiresAt) }),
    seenAt: timeOrNull(row.seenAt),
    readAt: timeOrNull(row.readAt),
    archivedAt: timeOrNull(row.archivedAt),
    ...(standing === 'active' ? {} : { standing }),
    ...(row.suppressed === null ? {} : { suppressed: row.suppressed }),
  };
};

const nobody: Person = { since: never, ruled: 0 };
const beforeAll = '~'; // sorts after every id

type Shared = ReturnType<typeof prepareShared>;

/** The statements that read broadcasts to all. */
const prepareShared = (db: SqlDatabase, broadcasts: BroadcastSql) => {
  const { all, unread, archived, history, ...others } = sql.inboxSql(broadcasts);
  return {
    pages: {
      all: prepareNamed(db, all),
      unread: prepareNamed(db, unread),
      archived: prepareNamed(db, archived),
      history: prepareNamed(db, history),
    },
    newest: prepareNamed(db, others.newest),
    broadcastEntry: prepareNamed(db, others.broadcastEntry),
    broadcastCounts: prepareNamed(db, others.broadcastCounts),
  };
};

export class InboxReader {
  readonly #db: SqlDatabase;
  readonly #underRules;
  readonly #withoutRules;
  readonly #ownEntry;
  readonly #asSent;
  readonly #broadcastSent;
  readonly #ownCounts;
  readonly #ownExpired;
  readonly #ownUnreadByKey;
  readonly #ownCollapsed;
  readonly #person;
  readonly #preferences;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#underRules = prepareShared(db, underRules);
    this.#withoutRules = prepareShared(db, withoutRules);
    this.#ownEntry = prepareNamed(db, sql.ownEntry);
    this.#asSent = prepareNamed(db, sql.asSent);
    this.#broadcastSent = prepareNamed(db, sql.broadcastSent);
    this.#ownCounts = prepareNamed(db, sql.ownCounts);
    this.#ownExpired = prepareNamed(db, sql.ownExpired);
    this.#ownUnreadByKey = prepareNamed(db, sql.ownUnreadByKey);
    this.#ownCollapsed = prepareNamed(db, sql.ownCollapsed);
    this.#person = prepareNamed(db, person);
    this.#preferences = prepareNamed(db, sql.preferencesOf);
  }

  page({ user, now }: Moment, query: ListQuery & { readonly limit: number }): NotificationPage {
    const { state = 'all', type = null, priority, include = [], limit, after = beforeAll } = query;
    const included = include.reduce((bits, standing) => bits | (1 << standings.indexOf(standing)), 1);
    const parameters = {
      ...{ user, now, type, rank: priority === undefined ? null : rankOf(priority), before: after, limit: limit + 1 },
      ...{ unread: state === 'unread' ? 1 : 0, archived: state === 'archived' ? 1 : 0, standings: included },
    };
    const list = include.length === 0 ? state : 'history';
    const { found, counts } = onOneSnapshot(this.#db, () => {
      const appeared = this.#appeared(user);
      const found = this.#page(list, appeared, parameters);
      return { found, counts: this.#count({ user, now }, appeared) };
    });
    const rows = unpacked(found);
    const shown = rows.slice(0, limit);
    const next = rows.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return { notifications: shown.map(notificationOf), ...counts, next };
  }

  counts(moment: Moment): Counts {
    return onOneSnapshot(this.#db, () => this.#count(moment, this.#appeared(moment.user)));
  }

  /** One notification with its standing at `now`; `null` when it never was this person's, or was recalled. */
  find({ user, now }: Moment, id: string): Notification | null {
    const own = this.#ownEntry.get({ user, now, id }) as EntryRow | undefined;
    if (own !== undefined) return own.standing === standings.indexOf('recalled') ? null : notificationOf(parsed(own));
    return this.findBroadcast({ user, now }, id);
  }

  /** The same for a broadcast to all. */
  findBroadcast({ user, now }: Moment, id: string): Notification | null {
    const appeared = this.#appeared(user);
    const { since } = appeared;
    const row = this.#sharedFor(appeared).broadcastEntry.get({ user, now, id, since }) as EntryRow | undefined;
    return row === undefined ? null : notificationOf(parsed(row));
  }

  /** Those of the people to whom a broadcast to all is what it is to everybody who has no rules and did nothing with it. */
  asSentTo(users: readonly UserId[], id: string): ReadonlySet<UserId> {
    const rows = this.#asSent.all({ users: JSON.stringify(users), id }) as { user: UserId }[];
    return new Set(rows.map(({ user }) => user));
  }

  /** Whether a broadcast was sent to this person, also when it was recalled since. */
  wasSent(user: UserId, broadcastId: string): boolean {
    const { since } = this.#appeared(user);
    return this.#broadcastSent.get({ user, id: broadcastId, since }) !== undefined;
  }

  /** The newest `limit` in the inbox, newest first. */
  newest({ user, now }: Moment, limit: number): InboxItem[] {
    const appeared = this.#appeared(user);
    return this.#sharedFor(appeared).newest.all({ user, now, limit, since: appeared.since }) as InboxItem[];
  }

  /** The newest `limit` in the inbox as whole notifications, newest first. */
  newestNotifications({ user, now }: Moment, limit: number): readonly Notification[] {
    const filters = { type: null, rank: null, before: beforeAll, unread: 0, archived: 0, standings: 1 };
    return unpacked(this.#page('all', this.#appeared(user), { user, now, limit, ...filters })).map(notificationOf);
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
    return this.#person.get({ user }) !== undefined;
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

  #count({ user, now }: Moment, appeared: Person): Counts {
    const own = this.#ownCounts.get({ user }) as Counts | undefined;
    const gone = own && (this.#ownExpired.get({ user, now }) as Counts);
    const { broadcastCounts } = this.#sharedFor(appeared);
    const shared = broadcastCounts.get({ user, now, since: appeared.since }) as Counts;
    const sum = (of: keyof Counts): number => (own?.[of] ?? 0) - (gone?.[of] ?? 0) + shared[of];
    return { total: sum('total'), unread: sum('unread'), unseen: sum('unseen') };
  }

  /** Rows of a list, packed. */
  #page(list: keyof Shared['pages'], appeared: Person, parameters: Parameters): string {
    const { pages } = this.#sharedFor(appeared);
    return (pages[list].get({ ...parameters, since: appeared.since }) as { packed: string }).packed;
  }

  #sharedFor({ ruled }: Person): Shared {
    return ruled === 1 ? this.#underRules : this.#withoutRules;
  }

  /** Which broadcasts to all are the person's: those after `since`, and none for people who never appeared. */
  #appeared(user: UserId): Person {
    return (this.#person.get({ user }) as Person | undefined) ?? nobody;
  }
}
