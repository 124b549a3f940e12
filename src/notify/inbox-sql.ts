// The SQL that reads inboxes: named constants, each held against its plan by a test. An inbox is two ordered reads, one of the person's own
// entries and one of the broadcasts to all, which SQLite merges by id as far as LIMIT needs them; the filters stand inside both.
// `INDEXED BY` because the planner, without statistics, takes the primary key for as good as the partial index that holds the inbox alone.

import { type BroadcastSql, broadcastsForPerson } from './broadcast-sql.js';
import { never } from './schema.js';

const ownMarks =
  'e.id, e.broadcast_id AS broadcastId, e.seen_at AS seenAt, e.read_at AS readAt, e.archived_at AS archivedAt';
const broadcastMarks =
  'b.id, b.id AS broadcastId, r.seen_at AS seenAt, r.read_at AS readAt, r.archived_at AS archivedAt';
const message = 'm.actor, m.content';
const ownStanding = 'CASE WHEN e.standing = 0 AND e.expires_at <= :now THEN 3 ELSE e.standing END';
const ownColumns = `${ownMarks}, ${ownStanding} AS standing, e.suppressed, ${message}`;
const broadcastColumns = ({ standing, suppression }: BroadcastSql): string =>
  `${broadcastMarks}, ${standing} AS standing, ${suppression} AS suppressed, ${message}`;
/** Of what is known to be active, so that nothing is worked out twice. */
const active = `0 AS standing, NULL AS suppressed, ${message}`;

const isInInbox = 'e.standing = 0 AND e.archived_at IS NULL AND e.expires_at > :now';
const broadcastsWithMessage = broadcastsForPerson({ joins: 'CROSS JOIN notify_message m ON m.id = b.id' });

interface PageParts {
  readonly columns: string;
  readonly condition: string;
}

/** Rows of a page as one row of one JSON text, in this order: better-sqlite3 takes longer to make a row of nine values than SQLite to find it. */
const packed = (rows: string): string => `
  SELECT json_group_array(json_array(
    id, broadcastId, seenAt, readAt, archivedAt, standing, suppressed, actor, json(content))) AS packed FROM (${rows})`;

const page = (index: string, own: PageParts, broadcast: PageParts): string =>
  packed(`
  SELECT * FROM (SELECT ${own.columns}
    FROM notify_entry e ${index} CROSS JOIN notify_message m ON m.id = e.message_id
    WHERE e.user_id = :user AND e.id < :before
      AND (:type IS NULL OR e.type = :type) AND (:rank IS NULL OR e.rank = :rank) AND ${own.condition})
  UNION ALL
  SELECT * FROM (SELECT ${broadcast.columns}
    FROM ${broadcastsWithMessage} AND b.id < :before
      AND (:type IS NULL OR b.type = :type) AND (:rank IS NULL OR b.rank = :rank) AND ${broadcast.condition})
  ORDER BY id DESC LIMIT :limit`);

/** A person's lists, newest first. `history` shows others than the active ones: `:standings` has a bit for each standing to show. */
const pagesOf = (broadcasts: BroadcastSql) => {
  const activePage = (index: string, own: string, broadcast: string): string =>
    page(
      `INDEXED BY ${index}`,
      { columns: `${ownMarks}, ${active}`, condition: own },
      {
        columns: `${broadcastMarks}, ${active}`,
        condition: `${broadcast} AND b.expires_at > :now AND ${broadcasts.standing} = 0`,
      },
    );
  return {
    all: activePage('notify_entry_inbox', isInInbox, 'r.archived_at IS NULL'),
    unread: activePage(
      'notify_entry_unread',
      `${isInInbox} AND e.read_at IS NULL`,
      'r.archived_at IS NULL AND r.read_at IS NULL',
    ),
    archived: activePage(
      'notify_entry_archived',
      'e.archived_at IS NOT NULL AND e.standing = 0 AND e.expires_at > :now',
      'r.archived_at IS NOT NULL',
    ),
    history: page(
      '',
      {
        columns: ownColumns,
        condition: `(:unread = 0 OR e.read_at IS NULL) AND (e.archived_at IS NOT NULL) = :archived
      AND :standings >> ${ownStanding} & 1`,
      },
      {
        columns: broadcastColumns(broadcasts),
        condition: `(:unread = 0 OR r.read_at IS NULL) AND (r.archived_at IS NOT NULL) = :archived
      AND :standings >> (${broadcasts.standing}) & 1`,
      },
    ),
  };
};

/** What is read of broadcasts to all, alone or merged with the person's own. */
export const inboxSql = (broadcasts: BroadcastSql) => ({
  ...pagesOf(broadcasts),
  broadcastEntry: `SELECT ${broadcastColumns(broadcasts)} FROM ${broadcastsWithMessage} AND b.id = :id`,
  /** What is in the inbox, newest first, as far as the window needs it. */
  newest: `
  SELECT * FROM (SELECT e.id, e.read_at AS readAt, e.seen_at AS seenAt FROM notify_entry e INDEXED BY notify_entry_inbox
    WHERE e.user_id = :user AND ${isInInbox})
  UNION ALL
  SELECT * FROM (SELECT b.id, r.read_at AS readAt, r.seen_at AS seenAt FROM ${broadcastsForPerson()}
    AND ${broadcasts.isInInbox})
  ORDER BY id DESC LIMIT :limit`,
  broadcastCounts: `SELECT count(*) AS total, coalesce(sum(r.read_at IS NULL), 0) AS unread,
  coalesce(sum(r.seen_at IS NULL), 0) AS unseen
  FROM ${broadcastsForPerson({ index: 'INDEXED BY notify_broadcast_counted' })} AND ${broadcasts.isInInbox}`,
});

export const ownEntry = `SELECT ${ownColumns}
  FROM notify_entry e CROSS JOIN notify_message m ON m.id = e.message_id WHERE e.user_id = :user AND e.id = :id`;

/** Of some people (a list in JSON) those to whom a broadcast to all is what it is to everybody: they have no rules, and did nothing with it. */
export const asSent = `SELECT p.user_id AS user FROM notify_broadcast b CROSS JOIN json_each(:users) some CROSS JOIN notify_person p
  WHERE b.id = :id AND p.user_id = some.value AND p.event_id < b.event_id
    AND NOT EXISTS (SELECT 1 FROM notify_rule u WHERE u.user_id = p.user_id)
    AND NOT EXISTS (SELECT 1 FROM notify_receipt r WHERE r.user_id = p.user_id AND r.broadcast_id = :id)`;

/** Whether a broadcast, recalled or not, ever was this person's. */
export const broadcastSent = `SELECT 1 FROM notify_broadcast b WHERE b.id = :id AND (b.audience = 'all' AND b.event_id > :since
  OR EXISTS (SELECT 1 FROM notify_entry e WHERE e.broadcast_id = :id AND e.broadcast_id IS NOT NULL AND e.user_id = :user))`;

export const ownCounts = 'SELECT total, unread, unseen, last_at AS lastAt FROM notify_inbox WHERE user_id = :user';
/** What the counters still hold though its time has come; the inbox's next event takes it out (`expired`). */
export const ownExpired = `SELECT count(*) AS total, coalesce(sum(read_at IS NULL), 0) AS unread,
  coalesce(sum(seen_at IS NULL), 0) AS unseen FROM notify_entry
  WHERE user_id = :user AND expires_at <= :now AND standing = 0 AND archived_at IS NULL AND expires_at < ${never}`;

/** Unread ones of the person's own that a newer one with the same key replaces. */
export const ownUnreadByKey = `SELECT e.id FROM notify_entry e INDEXED BY notify_entry_collapse
  WHERE e.user_id = :user AND e.collapse_key = :key AND e.collapse_key IS NOT NULL AND e.read_at IS NULL AND ${isInInbox}`;
/** The last few that a newer one replaced. */
export const ownCollapsed = `SELECT e.id FROM notify_entry e WHERE e.user_id = :user AND e.collapse_key = :key
  AND e.standing = 2 AND e.collapse_key IS NOT NULL ORDER BY e.id DESC LIMIT 8`;
/** Earlier broadcasts to all with the same key. */
export const broadcastsByKey = `SELECT n.id FROM notify_broadcast n WHERE n.audience = 'all' AND n.collapse_key IS NOT NULL
  AND n.collapse_key = :key AND n.expires_at > :now AND n.recalled_at IS NULL ORDER BY n.event_id DESC LIMIT 100`;

export const preferencesOf = 'SELECT preferences FROM notify_preferences WHERE user_id = :user';
/** Every time zone in which somebody ever had quiet hours, one index seek each. */
export const quietZones = `WITH RECURSIVE zone(name) AS (
    SELECT min(zone) FROM notify_rule WHERE zone IS NOT NULL
    UNION ALL SELECT (SELECT min(zone) FROM notify_rule WHERE zone IS NOT NULL AND zone > zone.name)
    FROM zone WHERE zone.name IS NOT NULL)
  SELECT name FROM zone WHERE name IS NOT NULL`;
