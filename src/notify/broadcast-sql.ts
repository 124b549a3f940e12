// How a broadcast to all stands for one person, in SQL, because nothing is stored for people who did nothing with it. Used by the page, the
// window, the counts, and by the projection when somebody marks everything as read.

import { never } from './schema.js';

/** Broadcasts to all since the person appeared (`:since`), with what the person did with them. Parts of it: more tables, an index. */
export const broadcastsForPerson = ({ joins = '', index = '' } = {}): string => `
  notify_broadcast b ${index} LEFT JOIN notify_receipt r ON r.user_id = :user AND r.broadcast_id = b.id ${joins}
  WHERE b.audience = 'all' AND b.recalled_at IS NULL AND b.event_id > :since`;

/** How a broadcast `b` stands for `:user` at `:now`. */
export interface BroadcastSql {
  /** Why the person's rules of that time keep it back; NULL when it arrives. */
  readonly suppression: string;
  /** A place in `standings`. */
  readonly standing: string;
  readonly isInInbox: string;
}

/** `suppression`: why `alias` was kept back, in SQL. */
const broadcastSql = (suppression: (alias: string) => string): BroadcastSql => {
  // A newer one with the same key came (and arrived) before this person had read `b`.
  const collapsed = `
  (b.collapse_key IS NOT NULL AND r.archived_at IS NULL AND EXISTS (
    SELECT 1 FROM notify_broadcast n
    WHERE n.audience = 'all' AND n.collapse_key IS NOT NULL AND n.collapse_key = b.collapse_key
      AND n.event_id > b.event_id AND n.event_id < coalesce(r.read_event, ${never}) AND ${suppression('n')} IS NULL))`;
  const standing = `
  CASE WHEN ${suppression('b')} IS NOT NULL THEN 1 WHEN ${collapsed} THEN 2 WHEN b.expires_at <= :now THEN 3 ELSE 0 END`;
  const isInInbox = `b.expires_at > :now AND r.archived_at IS NULL AND ${standing} = 0`;
  return { suppression: suppression('b'), standing, isInInbox };
};

/** The same as `suppressionOf` (preferences.ts). */
const byRules = (alias: string): string => `
  (SELECT CASE WHEN u.muted THEN 'muted' WHEN ${alias}.rank < u.minimum_rank THEN 'priority' ELSE 'quiet-hours' END
   FROM notify_rule u
   WHERE ${alias}.rank < 3 AND u.user_id = :user AND u.type = ${alias}.type
     AND u.from_event < ${alias}.event_id AND u.to_event > ${alias}.event_id
     AND (u.muted OR ${alias}.rank < u.minimum_rank OR CASE
       WHEN u.quiet_from < u.quiet_to THEN ${alias}.zones ->> ('$."' || u.zone || '"') BETWEEN u.quiet_from AND u.quiet_to - 1
       ELSE ${alias}.zones ->> ('$."' || u.zone || '"') >= u.quiet_from OR ${alias}.zones ->> ('$."' || u.zone || '"') < u.quiet_to
     END))`;

/** For everybody. */
export const underRules = broadcastSql(byRules);
/** For people who have no rules, as most: looking for some would be a third of what each broadcast costs them. */
export const withoutRules = broadcastSql(() => 'NULL');

/** A person as broadcasts to all see them. */
export interface Person {
  /** The event from which on broadcasts are theirs. */
  readonly since: number;
  /** 1 for those who have rules at all. */
  readonly ruled: number;
}
export const person = `SELECT event_id AS since, EXISTS (SELECT 1 FROM notify_rule WHERE user_id = :user) AS ruled
  FROM notify_person WHERE user_id = :user`;
