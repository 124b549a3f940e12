// Receipts: what a person did with a broadcast to all. Sparse: who did nothing has no row.

import type { LoggedEvent } from '../model/events.js';
import type { UserId } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import { broadcastsForPerson, type Person, person, underRules } from './broadcast-sql.js';
import { timeOfId } from './id-sequence.js';
import { prepareNamed } from './statement.js';
import type { TallyFolds } from './tally-projection.js';

export interface ReceiptFolds {
  mark(user: UserId, broadcastId: string, mark: { kind: 'seen' | 'read' | 'archived'; event: LoggedEvent }): void;
  readUpTo(user: UserId, upTo: string, event: LoggedEvent): void;
}

interface ReceiptRow {
  readonly seenAt: number | null;
  readonly readAt: number | null;
  readonly readEvent: number | null;
  readonly archivedAt: number | null;
}

export const unreadBroadcastsUpTo = `SELECT b.id FROM ${broadcastsForPerson()}
  AND ${underRules.isInInbox} AND b.id <= :upTo AND r.read_at IS NULL ORDER BY b.id`;

export const receiptFolds = (db: SqlDatabase, tally: TallyFolds): ReceiptFolds => {
  const known = prepareNamed(db, person);
  const unread = prepareNamed(db, unreadBroadcastsUpTo);
  const find =
    db.prepare(`SELECT seen_at AS seenAt, read_at AS readAt, read_event AS readEvent, archived_at AS archivedAt
    FROM notify_receipt WHERE user_id = ? AND broadcast_id = ?`);
  const put = db.prepare('INSERT OR REPLACE INTO notify_receipt VALUES (?, ?, ?, ?, ?, ?)');

  const none: ReceiptRow = { seenAt: null, readAt: null, readEvent: null, archivedAt: null };

  const mark: ReceiptFolds['mark'] = (user, broadcastId, { kind, event }) => {
    const before = (find.get(user, broadcastId) as ReceiptRow | undefined) ?? none;
    const isRead = kind === 'read' && before.readAt === null;
    const seenAt = before.seenAt ?? (kind === 'archived' ? null : event.at);
    const readAt = isRead ? event.at : before.readAt;
    const readEvent = isRead ? event.id : before.readEvent;
    const archivedAt = before.archivedAt ?? (kind === 'archived' ? event.at : null);
    put.run(user, broadcastId, seenAt, readAt, readEvent, archivedAt);
    if (isRead) tally.addDelay(event.at - timeOfId(broadcastId));
  };

  return {
    mark,
    readUpTo(user, upTo, event) {
      const appeared = known.get({ user }) as Person | undefined;
      if (appeared === undefined) return;
      const rows = unread.all({ user, ...appeared, now: event.at, upTo }) as { id: string }[];
      for (const { id } of rows) mark(user, id, { kind: 'read', event });
    },
  };
};
