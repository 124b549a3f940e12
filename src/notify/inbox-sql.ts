// The SQL that reads inboxes: named constants, each held against its plan by a test. A page is two ordered reads, one of the person's own
// entries and one of the broadcasts to all, merged by id in inbox-reader.ts; the filters stand in the queries, before LIMIT.

import { broadcastStanding, broadcastSuppression, broadcastsForPerson, broadcastsInInbox } from './broadcast-sql.js';
import { never } from './schema.js';

const messageColumns = `m.type, m.rank, m.title, m.message, m.data, m.actor, m.subject_id AS subjectId,
  m.collapse_key AS collapseKey, m.expires_at AS expiresAt`;
const ownColumns = `e.id, e.broadcast_id AS broadcastId, e.seen_at AS seenAt, e.read_at AS readAt,
  e.archived_at AS archivedAt, e.suppressed, ${messageColumns}`;
const ownStanding = 'CASE WHEN e.standing = 0 AND e.expires_at <= :now THEN 3 ELSE e.standing END AS standing';
const ownMatches = `e.user_id = :user AND e.id < :before
  AND (:type IS NULL OR e.type = :type) AND (:rank IS NULL OR e.rank = :rank)`;
const ownPage = (condition: string): string => `SELECT ${ownColumns}, ${ownStanding}
  FROM notify_entry e CROSS JOIN notify_message m ON m.id = e.message_id
  WHERE ${ownMatches} AND ${condition} ORDER BY e.id DESC LIMIT :limit`;

const isInInbox = 'e.standing = 0 AND e.archived_at IS NULL AND e.expires_at > :now';

/** One of the person's own lists; `:standings` and `:archived` are for `history` only (a bit for each standing). */
export const ownPages = {
  all: ownPage(isInInbox),
  unread: ownPage(`${isInInbox} AND e.read_at IS NULL`),
  archived: ownPage('e.archived_at IS NOT NULL AND e.standing = 0 AND e.expires_at > :now'),
  history: ownPage(`(:unread = 0 OR e.read_at IS NULL) AND (e.archived_at IS NOT NULL) = :archived
  AND :standings >> CASE WHEN e.standing = 0 AND e.expires_at <= :now THEN 3 ELSE e.standing END & 1`),
} as const;

const broadcastColumns = `b.id, b.id AS broadcastId, r.seen_at AS seenAt, r.read_at AS readAt, r.archived_at AS archivedAt`;

export const broadcastPage = `SELECT ${broadcastColumns}, ${messageColumns},
  ${broadcastStanding} AS standing, ${broadcastSuppression} AS suppressed
  FROM ${broadcastsForPerson.replace('WHERE', 'CROSS JOIN notify_message m ON m.id = b.id WHERE')}
  AND b.id < :before AND (:type IS NULL OR b.type = :type) AND (:rank IS NULL OR b.rank = :rank)
  AND (:unread = 0 OR r.read_at IS NULL) AND (r.archived_at IS NOT NULL) = :archived
  AND :standings >> (${broadcastStanding}) & 1
  ORDER BY b.id DESC LIMIT :limit`;

export const ownEntry = `SELECT ${ownColumns}, ${ownStanding}
  FROM notify_entry e CROSS JOIN notify_message m ON m.id = e.message_id WHERE e.user_id = :user AND e.id = :id`;
export const broadcastEntry = `SELECT ${broadcastColumns}, ${messageColumns},
  ${broadcastStanding} AS standing, ${broadcastSuppression} AS suppressed
  FROM ${broadcastsForPerson.replace('WHERE', 'CROSS JOIN notify_message m ON m.id = b.id WHERE')} AND b.id = :id`;

/** Ids in the inbox, newest first: what the window is cut from. */
export const ownIds = `SELECT e.id, e.read_at AS readAt, e.seen_at AS seenAt FROM notify_entry e
  WHERE e.user_id = :user AND ${isInInbox} ORDER BY e.id DESC LIMIT :limit`;
export const broadcastIds = `SELECT b.id, r.read_at AS readAt, r.seen_at AS seenAt FROM ${broadcastsInInbox}
  ORDER BY b.id DESC LIMIT :limit`;

export const ownCounts = 'SELECT total, unread, unseen, last_at AS lastAt FROM notify_inbox WHERE user_id = :user';
/** What the counters still hold though its time has come; the inbox's next event takes it out (`expired`). */
export const ownExpired = `SELECT count(*) AS total, coalesce(sum(read_at IS NULL), 0) AS unread,
  coalesce(sum(seen_at IS NULL), 0) AS unseen FROM notify_entry
  WHERE user_id = :user AND expires_at <= :now AND standing = 0 AND archived_at IS NULL AND expires_at < ${never}`;
export const broadcastCounts = `SELECT count(*) AS total, coalesce(sum(r.read_at IS NULL), 0) AS unread,
  coalesce(sum(r.seen_at IS NULL), 0) AS unseen FROM ${broadcastsInInbox}`;

/** Unread ones of the person's own that a newer one with the same key replaces. */
export const ownUnreadByKey = `SELECT e.id FROM notify_entry e WHERE e.user_id = :user AND e.collapse_key = :key
  AND e.collapse_key IS NOT NULL AND e.read_at IS NULL AND ${isInInbox}`;
/** The last few that a newer one replaced. */
export const ownCollapsed = `SELECT e.id FROM notify_entry e WHERE e.user_id = :user AND e.collapse_key = :key
  AND e.standing = 2 AND e.collapse_key IS NOT NULL ORDER BY e.id DESC LIMIT 8`;
/** Earlier broadcasts to all with the same key. */
export const broadcastsByKey = `SELECT n.id FROM notify_broadcast n WHERE n.audience = 'all' AND n.collapse_key IS NOT NULL
  AND n.collapse_key = :key AND n.expires_at > :now AND n.recalled_at IS NULL ORDER BY n.event_id DESC LIMIT 100`;

export const personSince = 'SELECT event_id AS since FROM notify_person WHERE user_id = :user';
export const hasRules = 'SELECT 1 FROM notify_rule WHERE user_id = :user LIMIT 1';
export const preferencesOf = 'SELECT preferences FROM notify_preferences WHERE user_id = :user';
/** Every time zone in which somebody ever had quiet hours, one index seek each. */
export const quietZones = `WITH RECURSIVE zone(name) AS (
    SELECT min(zone) FROM notify_rule WHERE zone IS NOT NULL
    UNION ALL SELECT (SELECT min(zone) FROM notify_rule WHERE zone IS NOT NULL AND zone > zone.name)
    FROM zone WHERE zone.name IS NOT NULL)
  SELECT name FROM zone WHERE name IS NOT NULL`;
