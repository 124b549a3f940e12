// Seen, read, archived: what a person does with their notifications. All of it may be repeated and keeps the first time.

import { ContrailError, type Fault } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import { formatTime } from '../model/time.js';
import { type Desk, inTurn } from './desk.js';
import { marked } from './facts.js';
import { isNotificationId } from './id-sequence.js';
import type { Mark } from './inbox-projection.js';
import type { Counts, Notification } from './notification.js';
import { parseIds } from './request.js';

const isMarked: Record<Mark, (notification: Notification) => boolean> = {
  seen: ({ seenAt }) => seenAt !== null,
  read: ({ readAt }) => readAt !== null,
  archived: ({ archivedAt }) => archivedAt !== null,
};

/**
 * Marks notifications of one person; ids that are not theirs are passed over. What has left the inbox by itself stays as it is.
 * Throws `not-found` when none of the ids is theirs.
 */
export const markNotifications = (
  desk: Desk,
  mark: Mark,
  { user, ids, actor }: { readonly user: UserId; readonly ids: string | readonly string[]; readonly actor: UserId },
): Promise<Counts> => {
  const wanted = parseIds(ids);
  return inTurn(desk, user, async ({ at, now, commit }) => {
    const found = wanted.map((id) => desk.reader.find({ user, now }, id)).filter((item) => item !== null);
    if (found.length === 0) throw new ContrailError('not-found', 'There is no such notification.');
    const changing = found.filter((item) => item.standing === undefined && !isMarked[mark](item));
    if (changing.length > 0) {
      const time = formatTime(at);
      const set = new Map<string, Readonly<Record<string, Json>>>();
      for (const { id, seenAt } of changing) {
        set.set(id, mark === 'read' ? { readAt: time, seenAt: seenAt ?? time } : { seenAt: time });
      }
      const changed = changing.map(({ id }) => id);
      const events = [marked(mark, user, { actor, at }, { ids: changed })];
      await commit(events, mark === 'archived' ? { remove: changed } : { set });
    }
    return desk.reader.counts({ user, now: desk.clock.now() });
  });
};

/** Marks everything up to and including `upTo` as read (default: all that is there now). */
export const markAllRead = (
  desk: Desk,
  { user, upTo, actor }: { readonly user: UserId; readonly upTo?: string | undefined; readonly actor: UserId },
): Promise<Counts> => {
  if (upTo !== undefined && !isNotificationId(upTo)) {
    const faults: Fault[] = [{ at: '/upTo', detail: 'must be the id of a notification' }];
    throw new ContrailError('bad-request', 'There is one fault.', { faults });
  }
  return inTurn(desk, user, async ({ at, now, commit }) => {
    const inbox = desk.reader.newest({ user, now }, Number.MAX_SAFE_INTEGER);
    const bound = upTo ?? inbox[0]?.id ?? '';
    const unread = inbox.filter(({ id, readAt }) => id <= bound && readAt === null);
    if (unread.length > 0) {
      const time = formatTime(at);
      const timeOf = (seenAt: number | null): string => (seenAt === null ? time : formatTime(seenAt));
      const set = new Map(unread.map(({ id, seenAt }) => [id, { readAt: time, seenAt: timeOf(seenAt) }]));
      await commit([marked('read', user, { actor, at }, { upTo: bound })], { set });
    }
    return desk.reader.counts({ user, now: desk.clock.now() });
  });
};
