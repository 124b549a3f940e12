// `contrail.notifications`: sending and reading notifications. What is sent is on disk when its promise resolves, and in the inboxes that are open.

import { z } from '@hono/zod-openapi';
import { checked } from '../http/checked.js';
import type { UserId } from '../model/ids.js';
import type { BroadcastStatus } from '../notify/broadcast-reader.js';
import type { Accepted } from '../notify/broadcasts.js';
import {
  type Counts,
  type DataByType,
  type Notification,
  type NotificationPage,
  type NotificationType,
  notificationTypes,
  priorities,
} from '../notify/notification.js';
import type { Notifications } from '../notify/notifications.js';
import type { BroadcastRequest, ListQuery, SendOptions, SendRequest } from '../notify/request.js';
import type { NotificationStatistics } from '../notify/statistics.js';
import { actorOf, type By, userIdOf } from './arguments.js';

type SendTyped<Type extends NotificationType> = (
  userId: string,
  data: DataByType[Type],
  options?: SendOptions & By,
) => Promise<Notification>;

export interface NotificationCalls {
  /** Rejects with `bad-request`, which lists every fault. */
  send(notification: SendRequest, by?: By): Promise<Notification>;
  readonly sendPayment: SendTyped<'payment'>;
  readonly sendBooking: SendTyped<'booking'>;
  readonly sendFlight: SendTyped<'flight'>;
  readonly sendSettlement: SendTyped<'settlement'>;
  readonly sendAlert: SendTyped<'alert'>;
  /** To up to 1,000 `userIds`, to `audience: 'online'`, or to `'all'`, which is one row however many people that are. */
  broadcast(notification: BroadcastRequest, by?: By): Promise<Accepted>;
  /** How far a broadcast is; `null` when there is none. */
  broadcastStatus(broadcastId: string): BroadcastStatus | null;
  /** Takes a broadcast out of all inboxes. Rejects with `not-found`. */
  recall(broadcastId: string, by?: By): Promise<BroadcastStatus>;
  /** Newest first; `next` goes on as `after`. */
  list(userId: string, query?: ListQuery): NotificationPage;
  counts(userId: string): Counts;
  /** One or several; the first time counts. Rejects with `not-found` when none of them is this person's. */
  markRead(userId: string, ids: string | readonly string[]): Promise<Counts>;
  /** Up to and including `upTo`, or all that are there now. */
  markAllRead(userId: string, options?: { readonly upTo?: string }): Promise<Counts>;
  stats(): NotificationStatistics;
}

const idSchema = z.string().min(1).max(64);
const idsSchema = z.union([idSchema, z.array(idSchema).min(1).max(1000)]);
const listSchema = z.strictObject({
  state: z.enum(['all', 'unread', 'archived']).optional(),
  type: z.enum(notificationTypes).optional(),
  priority: z.enum(priorities).optional(),
  include: z.array(z.enum(['expired', 'suppressed', 'collapsed'])).optional(),
  limit: z.number().int().optional(),
  after: z.string().optional(),
});
const upToSchema = z.strictObject({ upTo: idSchema.optional() });

export const notificationCalls = (notifications: Notifications): NotificationCalls => {
  const typed =
    <Type extends NotificationType>(
      send: (
        userId: string,
        data: DataByType[Type],
        options?: SendOptions & { readonly actor?: UserId },
      ) => Promise<Notification>,
    ): SendTyped<Type> =>
    async (userId, data, options = {}) => {
      const { actor, ...rest } = checked(z.looseObject({}), options) as SendOptions & By;
      return send(userId, data, { ...rest, actor: actorOf(actor === undefined ? {} : { actor }) });
    };
  return {
    send: async (notification, by) => notifications.send(notification, actorOf(by)),
    sendPayment: typed<'payment'>(notifications.sendPayment),
    sendBooking: typed<'booking'>(notifications.sendBooking),
    sendFlight: typed<'flight'>(notifications.sendFlight),
    sendSettlement: typed<'settlement'>(notifications.sendSettlement),
    sendAlert: typed<'alert'>(notifications.sendAlert),
    broadcast: async (notification, by) => notifications.broadcast(notification, actorOf(by)),
    broadcastStatus: (id) => notifications.broadcastStatus(checked(idSchema, id)),
    recall: async (id, by) => notifications.recall(checked(idSchema, id), actorOf(by)),
    list: (userId, query = {}) => notifications.list(userIdOf(userId), checked(listSchema, query) as ListQuery),
    counts: (userId) => notifications.counts(userIdOf(userId)),
    markRead: async (userId, ids) => notifications.markRead(userIdOf(userId), checked(idsSchema, ids)),
    markAllRead: async (userId, options = {}) => {
      const { upTo } = checked(upToSchema, options);
      return notifications.markAllRead(userIdOf(userId), upTo === undefined ? {} : { upTo });
    },
    stats: () => notifications.stats(),
  };
};
