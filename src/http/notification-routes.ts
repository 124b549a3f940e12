// REST: a person's notifications, sending and broadcasting (docs/rest.md). An inbox is its person's alone: not even an admin reads another's.

import { createRoute, z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import { isNotificationId } from '../notify/id-sequence.js';
import type { Counts, Notification, NotificationPage } from '../notify/notification.js';
import type { Notifications } from '../notify/notifications.js';
import { type App, createRouter } from './app.js';
import { nextLink } from './cursor.js';
import {
  acceptedSchema,
  broadcastBody,
  broadcastSchema,
  countsSchema,
  notificationSchema,
  pageSchema,
  preferencesSchema,
  prioritySchema,
  sendBody,
  typeSchema,
} from './notification-schemas.js';
import { refuses } from './route-completion.js';
import { jsonAnswer, jsonBody } from './route-parts.js';
import { limitSchema, userIdSchema } from './schemas.js';

const person = z.object({ userId: userIdSchema });
const one = z.object({ userId: userIdSchema, id: z.string().max(64) });
const broadcastId = z.object({ id: z.string().max(64) });

const shownToo = ['expired', 'suppressed', 'collapsed'] as const;
const isShownToo = (word: string): word is (typeof shownToo)[number] => (shownToo as readonly string[]).includes(word);
const include = z
  .string()
  .transform((value, context) => {
    const words = value.split(',');
    const known = words.filter(isShownToo);
    if (known.length === words.length) return known;
    context.addIssue({ code: 'custom', message: `must be among ${shownToo.join(', ')}` });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: 'expired,suppressed' });
const filters = {
  type: typeSchema.optional(),
  priority: prioritySchema.optional(),
  include: include.optional(),
  limit: limitSchema,
  next: z.string().refine(isNotificationId, 'was not made by this list').optional(),
};

const list = createRoute({
  method: 'get',
  path: '/notifications/{userId}',
  operationId: 'listNotifications',
  ...refuses(),
  summary: "List a person's notifications, newest first",
  request: {
    params: person,
    query: z.strictObject({ state: z.enum(['unread', 'all', 'archived']).default('all'), ...filters }),
  },
  responses: { 200: jsonAnswer(pageSchema, 'A page') },
});

const unread = createRoute({
  method: 'get',
  path: '/notifications/{userId}/unread',
  operationId: 'listUnreadNotifications',
  ...refuses(),
  summary: "List a person's unread notifications, newest first",
  request: { params: person, query: z.strictObject(filters) },
  responses: { 200: jsonAnswer(pageSchema, 'A page') },
});

const readPreferences = createRoute({
  method: 'get',
  path: '/notifications/{userId}/preferences',
  operationId: 'readPreferences',
  ...refuses(),
  summary: 'What a person wants to be told',
  request: { params: person },
  responses: { 200: jsonAnswer(preferencesSchema, 'The preferences') },
});

const putPreferences = createRoute({
  method: 'put',
  path: '/notifications/{userId}/preferences',
  operationId: 'setPreferences',
  ...refuses(),
  summary: 'Say what a person wants to be told; replaces all of it',
  request: { params: person, body: jsonBody(preferencesSchema) },
  responses: { 200: jsonAnswer(preferencesSchema, 'The preferences') },
});

const send = createRoute({
  method: 'post',
  path: '/notifications/send',
  operationId: 'sendNotification',
  ...refuses(),
  summary: 'Send a notification to one person',
  request: { body: jsonBody(sendBody) },
  responses: { 201: jsonAnswer(notificationSchema, 'The notification') },
});

const broadcast = createRoute({
  method: 'post',
  path: '/notifications/broadcast',
  operationId: 'broadcastNotification',
  ...refuses(),
  summary: 'Send a notification to many',
  request: { body: jsonBody(broadcastBody) },
  responses: { 202: jsonAnswer(acceptedSchema, 'It is on disk and being delivered') },
});

const progress = createRoute({
  method: 'get',
  path: '/notifications/broadcasts/{id}',
  operationId: 'readBroadcast',
  ...refuses('not-found'),
  summary: 'How far a broadcast is',
  request: { params: broadcastId },
  responses: { 200: jsonAnswer(broadcastSchema, 'The broadcast') },
});

const recall = createRoute({
  method: 'delete',
  path: '/notifications/broadcasts/{id}',
  operationId: 'recallBroadcast',
  ...refuses('not-found'),
  summary: 'Take a broadcast out of all inboxes',
  request: { params: broadcastId },
  responses: { 200: jsonAnswer(broadcastSchema, 'The broadcast') },
});

const mark = (what: 'read' | 'seen' | 'archive', summary: string) =>
  createRoute({
    method: 'post',
    path: `/notifications/{userId}/{id}/${what}`,
    operationId: `mark${what[0]?.toUpperCase()}${what.slice(1)}`,
    ...refuses('not-found'),
    summary,
    request: { params: one },
    responses: { 200: jsonAnswer(countsSchema, 'What is left') },
  });

const readAll = createRoute({
  method: 'post',
  path: '/notifications/{userId}/read-all',
  operationId: 'markAllRead',
  ...refuses('not-found'),
  summary: 'Mark all as read, up to and including one',
  request: { params: person, body: jsonBody(z.strictObject({ upTo: z.string().optional() }), false) },
  responses: { 200: jsonAnswer(countsSchema, 'What is left') },
});

export const notificationRoutes = (notifications: Notifications): App => {
  const router = createRouter();

  router.openapi(unread, async (context) => {
    const user = own(context.get('actor'), context.req.valid('param').userId);
    await notifications.personSeen(user);
    const page = notifications.unread(user, queryOf(context.req.valid('query')));
    if (page.next) context.header('link', nextLink(context.req.url, page.next));
    return context.json(presentPage(page), 200);
  });

  router.openapi(readPreferences, (context) =>
    context.json(notifications.preferences(own(context.get('actor'), context.req.valid('param').userId)), 200),
  );

  router.openapi(putPreferences, async (context) => {
    const user = own(context.get('actor'), context.req.valid('param').userId);
    return context.json(await notifications.setPreferences(user, context.req.valid('json') as Json), 200);
  });

  router.openapi(send, async (context) => {
    const actor = sender(context.get('actor'));
    return context.json(present(await notifications.send(context.req.valid('json') as Json, actor)), 201);
  });

  router.openapi(broadcast, async (context) => {
    const actor = sender(context.get('actor'));
    return context.json(await notifications.broadcast(context.req.valid('json') as Json, actor), 202);
  });

  router.openapi(progress, (context) => {
    sender(context.get('actor'));
    const status = notifications.broadcastStatus(context.req.valid('param').id);
    if (!status) throw new ContrailError('not-found', 'There is no such broadcast.');
    return context.json(status, 200);
  });

  router.openapi(recall, async (context) => {
    const actor = sender(context.get('actor'));
    return context.json(await notifications.recall(context.req.valid('param').id, actor), 200);
  });

  router.openapi(list, async (context) => {
    const user = own(context.get('actor'), context.req.valid('param').userId);
    await notifications.personSeen(user);
    const { state, ...query } = context.req.valid('query');
    const page = notifications.list(user, { state, ...queryOf(query) });
    if (page.next) context.header('link', nextLink(context.req.url, page.next));
    return context.json(presentPage(page), 200);
  });

  router.openapi(readAll, async (context) => {
    const user = own(context.get('actor'), context.req.valid('param').userId);
    const { upTo } = context.req.valid('json') ?? {};
    return context.json(left(await notifications.markAllRead(user, upTo === undefined ? {} : { upTo })), 200);
  });

  router.openapi(mark('read', 'Mark a notification as read'), async (context) => {
    const { userId, id } = context.req.valid('param');
    return context.json(left(await notifications.markRead(own(context.get('actor'), userId), id)), 200);
  });

  router.openapi(mark('seen', 'Mark a notification as seen'), async (context) => {
    const { userId, id } = context.req.valid('param');
    return context.json(left(await notifications.markSeen(own(context.get('actor'), userId), id)), 200);
  });

  router.openapi(mark('archive', 'Take a notification out of the inbox'), async (context) => {
    const { userId, id } = context.req.valid('param');
    return context.json(left(await notifications.archive(own(context.get('actor'), userId), id)), 200);
  });

  return router;
};

const own = (actor: Actor, userId: UserId): UserId => {
  if (actor.userId !== userId) throw new ContrailError('forbidden', 'This inbox is somebody else’s.');
  return userId;
};

/** Sending, and all that shows more than one's own, is for admins. */
const sender = (actor: Actor): UserId => {
  if (!actor.admin) throw new ContrailError('forbidden', 'Only an admin may send notifications or see their figures.');
  return actor.userId;
};

type Filters = { readonly [Name in keyof typeof filters]?: z.output<(typeof filters)[Name]> };

const queryOf = ({ type, priority, include: shown, limit, next }: Filters) => ({
  ...(type === undefined ? {} : { type }),
  ...(priority === undefined ? {} : { priority }),
  ...(shown === undefined ? {} : { include: shown }),
  ...(limit === undefined ? {} : { limit }),
  ...(next === undefined ? {} : { after: next }),
});

const present = (notification: Notification) => ({
  ...notification,
  actor: notification.actor as string,
  data: notification.data as { [key: string]: JSONValue },
});
const presentPage = ({ notifications, ...page }: NotificationPage) => ({
  notifications: notifications.map(present),
  ...page,
});
const left = ({ unread: unreadCount, unseen }: Counts) => ({ unread: unreadCount, unseen });
