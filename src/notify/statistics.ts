// Figures about all notifications, from running totals of the projection: the same as counting the log, at a fixed cost.

import { onOneSnapshot, type SqlDatabase } from '../model/projection.js';
import { type NotificationType, notificationTypes, type Priority, priorities } from './notification.js';
import { never } from './schema.js';
import { bucketStart } from './tally-projection.js';

export interface NotificationStatistics {
  /** Notifications sent: one for each recipient, a broadcast to all counting once. */
  readonly sent: number;
  readonly byType: Readonly<Record<NotificationType, number>>;
  readonly byPriority: Readonly<Record<Priority, number>>;
  /** Where those sent to single people and lists stand now; they add up to all of them. */
  readonly byState: Readonly<
    Record<'unread' | 'read' | 'archived' | 'expired' | 'suppressed' | 'collapsed' | 'recalled', number>
  >;
  readonly broadcasts: {
    readonly total: number;
    readonly running: number;
    readonly recalled: number;
    readonly recipients: number;
  };
  /** Of those to single people and lists: into an open inbox, seen later, or not seen yet. Of broadcasts to all: how many inboxes were open. */
  readonly delivered: {
    readonly live: number;
    readonly later: number;
    readonly waiting: number;
    readonly broadcastsLive: number;
  };
  /** From sending to reading, to about 1.5 %; `null` before anything was read. */
  readonly medianTimeToReadMs: number | null;
}

export const statisticsSql = {
  tallies: 'SELECT name, number FROM notify_tally',
  delays: 'SELECT bucket, number FROM notify_delay ORDER BY bucket',
  running: `SELECT count(*) AS number FROM notify_broadcast WHERE audience <> 'all' AND recalled_at IS NULL AND delivered < total`,
  /** Expired, and not yet taken out of the totals by an event of their inbox. */
  expired: `SELECT count(*) AS number, coalesce(sum(read_at IS NULL), 0) AS unread FROM notify_entry
    WHERE standing = 0 AND archived_at IS NULL AND expires_at < ${never} AND expires_at <= ?`,
} as const;

const medianOf = (delays: readonly { readonly bucket: number; readonly number: number }[]): number | null => {
  const readings = delays.reduce((sum, { number }) => sum + number, 0);
  let passed = 0;
  for (const { bucket, number } of delays) {
    passed += number;
    if (passed * 2 >= readings) return bucketStart(bucket);
  }
  return null;
};

/** Returns the function that reads the figures as of `now`. */
export const statisticsReader = (db: SqlDatabase): ((now: number) => NotificationStatistics) => {
  const tallies = db.prepare(statisticsSql.tallies);
  const delays = db.prepare(statisticsSql.delays);
  const running = db.prepare(statisticsSql.running);
  const expired = db.prepare(statisticsSql.expired);
  const read = (now: number): NotificationStatistics => {
    const rows = tallies.all() as { name: string; number: number }[];
    const numbers = new Map(rows.map(({ name, number }) => [name, number]));
    const of = (name: string): number => numbers.get(name) ?? 0;
    const unsettled = expired.get(now) as { number: number; unread: number };
    const live = of('delivered:live');
    const later = of('delivered:later');
    return {
      sent: of('sent'),
      byType: Object.fromEntries(notificationTypes.map((type) => [type, of(`type:${type}`)])) as Record<
        NotificationType,
        number
      >,
      byPriority: Object.fromEntries(priorities.map((priority) => [priority, of(`priority:${priority}`)])) as Record<
        Priority,
        number
      >,
      byState: {
        unread: of('unread') - unsettled.unread,
        read: of('total') - of('unread') - (unsettled.number - unsettled.unread),
        archived: of('archived'),
        expired: of('standing:expired') + unsettled.number,
        suppressed: of('standing:suppressed'),
        collapsed: of('standing:collapsed'),
        recalled: of('standing:recalled'),
      },
      broadcasts: {
        total: of('broadcasts'),
        running: (running.get() as { number: number }).number,
        recalled: of('broadcasts:recalled'),
        recipients: of('broadcasts:recipients'),
      },
      delivered: { live, later, waiting: of('delivered:not-live') - later, broadcastsLive: of('broadcasts:live') },
      medianTimeToReadMs: medianOf(delays.all() as { bucket: number; number: number }[]),
    };
  };
  return (now) => onOneSnapshot(db, () => read(now));
};
