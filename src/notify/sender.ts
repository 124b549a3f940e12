// Sending to one person: whether it arrives is decided here, by their preferences, and recorded with it.

import type { NewEvent } from '../model/events.js';
import type { UserId } from '../model/ids.js';
import { type Desk, inTurn } from './desk.js';
import { notified, type Stamp } from './facts.js';
import { freshNotification, type WindowChange } from './inbox-window.js';
import { type Content, type Notification, rankOf } from './notification.js';
import { suppressionOf } from './preferences.js';

export interface Posting {
  readonly user: UserId;
  readonly content: Content;
  /** Set when the content is that of a broadcast, which the entry then points at. */
  readonly broadcastId?: string;
  readonly live: boolean;
}

/** The event of a notification and what it does to the window. Call it in the same turn as the commit (order of ids). */
export const post = (
  desk: Desk,
  { user, content, broadcastId, live }: Posting,
  stamp: Stamp,
): { readonly id: string; readonly event: NewEvent; readonly change: WindowChange } => {
  const now = desk.clock.now();
  const rule = desk.reader.rule(user, content.type);
  const suppressed = rule === null ? null : suppressionOf(rule, rankOf(content.priority), now);
  const id = desk.nextId();
  const event = notified(user, stamp, {
    id,
    ...(broadcastId === undefined ? { content } : { broadcastId }),
    live,
    ...(suppressed === null ? {} : { suppressed }),
  });
  if (suppressed !== null) return { id, event, change: {} };
  const add = freshNotification(id, stamp.actor, broadcastId === undefined ? { content } : { content, broadcastId });
  const remove = content.collapseKey === undefined ? [] : desk.reader.unreadByKey({ user, now }, content.collapseKey);
  return { id, event, change: { add, remove } };
};

export const sendTo = (desk: Desk, user: UserId, letter: { content: Content; actor: UserId }): Promise<Notification> =>
  inTurn(desk, user, async ({ at, commit }) => {
    const { content, actor } = letter;
    const live = desk.openInboxes().includes(user);
    const { id, event, change } = post(desk, { user, content, live }, { actor, at });
    await commit([event], change);
    if (content.expiresAt !== undefined) desk.expects(content.expiresAt, [{ userId: user, id }]);
    const sent = desk.reader.find({ user, now: desk.clock.now() }, id);
    if (sent === null) throw new Error(`notification ${id} is not in the projection after its commit`);
    return sent;
  });
