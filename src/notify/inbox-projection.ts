// A person's own entries: the rows for what is sent to them and for what they do with it. Marks on a broadcast to all, which has no entry,
// become receipts. Marking twice keeps the first time.

import type { LoggedEvent } from '../model/events.js';
import type { UserId } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import { type Expired, factOf, type Marked, type Notified, subjectOf } from './facts.js';
import { timeOfId } from './id-sequence.js';
import { type Content, priorityOf, rankOf, standings } from './notification.js';
import { receiptFolds } from './receipt-projection.js';
import { never } from './schema.js';
import { tallyFolds } from './tally-projection.js';

export type Mark = 'seen' | 'read' | 'archived';

export interface InboxFolds {
  notified(event: LoggedEvent): void;
  marked(mark: Mark, event: LoggedEvent): void;
  expired(event: LoggedEvent): void;
  /** Stores what is sent, for an entry or a broadcast to point at. */
  addMessage(id: string, actor: UserId, content: Content): void;
  /** Takes a list broadcast out of all inboxes. */
  recallEntries(broadcastId: string, at: number): void;
}

interface EntryRow {
  readonly id: string;
  readonly userId: UserId;
  readonly standing: number;
  readonly live: number;
  readonly seenAt: number | null;
  readonly readAt: number | null;
  readonly archivedAt: number | null;
}

interface MessageRow {
  readonly type: string;
  readonly rank: number;
  readonly collapseKey: string | null;
  readonly expiresAt: number;
}

const entryColumns =
  'id, user_id AS userId, standing, live, seen_at AS seenAt, read_at AS readAt, archived_at AS archivedAt';
const messageColumns = 'type, rank, collapse_key AS collapseKey, expires_at AS expiresAt';

export const inboxFolds = (db: SqlDatabase): InboxFolds => {
  const tally = tallyFolds(db);
  const receipts = receiptFolds(db, tally);
  const addMessage = db.prepare('INSERT INTO notify_message VALUES (?, ?, ?, ?, ?, ?, ?)');
  const message = db.prepare(`SELECT ${messageColumns} FROM notify_message WHERE id = ?`);
  const addEntry = db.prepare('INSERT INTO notify_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)');
  const newest = db.prepare(
    'INSERT INTO notify_newest VALUES (1, ?) ON CONFLICT (place) DO UPDATE SET id = max(id, excluded.id)',
  );
  const entry = db.prepare(`SELECT ${entryColumns} FROM notify_entry WHERE user_id = ? AND id = ?`);
  const sameKey = db.prepare(`SELECT ${entryColumns} FROM notify_entry
    WHERE user_id = ? AND collapse_key = ? AND collapse_key IS NOT NULL AND standing = 0 AND archived_at IS NULL
      AND read_at IS NULL AND expires_at > ?`);
  const unreadUpTo = db.prepare(`SELECT ${entryColumns} FROM notify_entry
    WHERE user_id = ? AND id <= ? AND standing = 0 AND archived_at IS NULL AND read_at IS NULL AND expires_at > ?`);
  const dueUntil = db.prepare(`SELECT ${entryColumns} FROM notify_entry
    WHERE user_id = ? AND expires_at <= ? AND standing = 0 AND archived_at IS NULL AND expires_at < ${never}`);
  const ofBroadcast = db.prepare(`SELECT ${entryColumns} FROM notify_entry
    WHERE broadcast_id = ? AND broadcast_id IS NOT NULL`);
  const setStanding = db.prepare('UPDATE notify_entry SET standing = ? WHERE user_id = ? AND id = ?');
  const setMarks = db.prepare(
    'UPDATE notify_entry SET seen_at = ?, read_at = ?, archived_at = ? WHERE user_id = ? AND id = ?',
  );
  const addCounts = db.prepare(`INSERT INTO notify_inbox VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET
    total = total + excluded.total, unread = unread + excluded.unread, unseen = unseen + excluded.unseen,
    last_at = max(last_at, excluded.last_at)`);

  const counted = (row: EntryRow): boolean => row.standing === 0 && row.archivedAt === null;

  /** Adds an entry to its person's counters, or with `sign` -1 takes it away. */
  const count = (row: EntryRow, sign: 1 | -1, at: number): void => {
    if (!counted(row)) return;
    const unread = row.readAt === null ? sign : 0;
    addCounts.run(row.userId, sign, unread, row.seenAt === null ? sign : 0, at);
    tally.add('total', sign);
    tally.add('unread', unread);
  };

  const move = (row: EntryRow, standing: (typeof standings)[number], at: number): void => {
    if (row.standing !== 0) tally.add(`standing:${standings[row.standing]}`, -1);
    else if (row.archivedAt !== null) tally.add('archived', -1);
    count(row, -1, at);
    setStanding.run(standings.indexOf(standing), row.userId, row.id);
    tally.add(`standing:${standing}`, 1);
  };

  const mark = (row: EntryRow, kind: Mark, at: number): void => {
    const seenAt = row.seenAt ?? (kind === 'archived' ? null : at);
    const readAt = row.readAt ?? (kind === 'read' ? at : null);
    const archivedAt = row.archivedAt ?? (kind === 'archived' ? at : null);
    if (seenAt === row.seenAt && readAt === row.readAt && archivedAt === row.archivedAt) return;
    count(row, -1, at);
    setMarks.run(seenAt, readAt, archivedAt, row.userId, row.id);
    count({ ...row, seenAt, readAt, archivedAt }, 1, at);
    if (readAt !== row.readAt) tally.addDelay(at - timeOfId(row.id));
    if (seenAt !== row.seenAt && row.live === 0) tally.add('delivered:later', 1);
    if (archivedAt !== row.archivedAt && row.standing === 0) tally.add('archived', 1);
  };

  const storeMessage: InboxFolds['addMessage'] = (id, actor, content) => {
    const { type, priority, collapseKey = null } = content;
    const expiresAt = content.expiresAt ?? never;
    const rank = rankOf(priority);
    newest.run(id);
    addMessage.run(id, actor, type, rank, collapseKey, expiresAt, JSON.stringify(content));
  };

  return {
    addMessage: storeMessage,
    notified(event) {
      const userId = subjectOf(event);
      const { id, content, broadcastId = null, live, suppressed = null } = factOf<Notified>(event);
      if (content === undefined) newest.run(id);
      else storeMessage(id, event.actor, content);
      const messageId = broadcastId ?? id;
      addCounts.run(userId, 0, 0, 0, event.at);
      const said = message.get(messageId) as MessageRow | undefined;
      if (said === undefined) return; // the broadcast's own event is damaged, so there is nothing to show
      const { type, rank, collapseKey, expiresAt } = said;
      if (suppressed === null && collapseKey !== null) {
        const earlier = sameKey.all(userId, collapseKey, event.at) as EntryRow[];
        for (const row of earlier) move(row, 'collapsed', event.at);
      }
      const standing = suppressed === null ? 0 : standings.indexOf('suppressed');
      const isLive = live ? 1 : 0;
      addEntry.run(
        ...[userId, id, messageId, broadcastId, type, rank, collapseKey, expiresAt, standing, suppressed, isLive],
      );
      count({ id, userId, standing, live: isLive, seenAt: null, readAt: null, archivedAt: null }, 1, event.at);
      tally.add('sent', 1);
      tally.add(`type:${type}`, 1);
      tally.add(`priority:${priorityOf(rank)}`, 1);
      if (suppressed !== null) tally.add('standing:suppressed', 1);
      else tally.add(live ? 'delivered:live' : 'delivered:not-live', 1);
    },
    marked(kind, event) {
      const userId = subjectOf(event);
      const fact = factOf<Marked>(event);
      addCounts.run(userId, 0, 0, 0, event.at);
      if ('upTo' in fact) {
        for (const row of unreadUpTo.all(userId, fact.upTo, event.at) as EntryRow[]) mark(row, kind, event.at);
        receipts.readUpTo(userId, fact.upTo, event);
        return;
      }
      for (const id of fact.ids) {
        const row = entry.get(userId, id) as EntryRow | undefined;
        if (row === undefined) receipts.mark(userId, id, { kind, event });
        else mark(row, kind, event.at);
      }
    },
    expired(event) {
      const { until } = factOf<Expired>(event);
      for (const row of dueUntil.all(subjectOf(event), until) as EntryRow[]) move(row, 'expired', event.at);
    },
    recallEntries(broadcastId, at) {
      for (const row of ofBroadcast.all(broadcastId) as EntryRow[]) move(row, 'recalled', at);
    },
  };
};
