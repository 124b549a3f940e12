// Shapes of notifications in REST. Answers are typed by them; bodies are only described, because notify/ checks them itself, every fault at once.

import { z } from '@hono/zod-openapi';
import { notificationTypes, priorities } from '../notify/notification.js';

const time = z.string().openapi({ format: 'date-time' });
const nullableTime = z.string().nullable().openapi({ format: 'date-time' });
export const typeSchema = z.enum(notificationTypes);
export const prioritySchema = z.enum(priorities);

export const notificationSchema = z
  .object({
    id: z.string(),
    type: typeSchema,
    priority: prioritySchema,
    title: z.string(),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    actor: z.string(),
    subjectId: z.string().optional(),
    collapseKey: z.string().optional(),
    broadcastId: z.string().optional(),
    createdAt: time,
    expiresAt: time.optional(),
    seenAt: nullableTime,
    readAt: nullableTime,
    archivedAt: nullableTime,
    standing: z.enum(['suppressed', 'collapsed', 'expired', 'recalled']).optional(),
    suppressed: z.enum(['muted', 'priority', 'quiet-hours']).optional(),
  })
  .openapi('Notification');

export const pageSchema = z.object({
  notifications: z.array(notificationSchema),
  total: z.number().int(),
  unread: z.number().int(),
  unseen: z.number().int(),
  next: z.string().nullable(),
});

export const countsSchema = z.object({ unread: z.number().int(), unseen: z.number().int() });

const audienceSchema = z.enum(['all', 'online', 'list']);
export const acceptedSchema = z
  .object({ broadcastId: z.string(), audience: audienceSchema, total: z.number().int() })
  .openapi('AcceptedBroadcast');

export const broadcastSchema = z
  .object({
    broadcastId: z.string(),
    audience: audienceSchema,
    state: z.enum(['running', 'done', 'recalled']),
    total: z.number().int(),
    delivered: z.number().int(),
    createdAt: time,
    recalledAt: nullableTime,
  })
  .openapi('Broadcast');

const content = {
  type: { type: 'string' as const, enum: [...notificationTypes] },
  priority: { type: 'string' as const, enum: [...priorities], default: 'normal' },
  title: { type: 'string' as const, maxLength: 200 },
  message: { type: 'string' as const, maxLength: 2000 },
  data: { type: 'object' as const, description: 'By type; see docs/notifications.md' },
  subjectId: { type: 'string' as const, maxLength: 200 },
  collapseKey: { type: 'string' as const, maxLength: 200 },
  expiresAt: { type: 'string' as const, format: 'date-time' },
};

export const sendBody = z.unknown().openapi('SendRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['userId', 'type', 'data'],
  properties: { userId: { type: 'string', maxLength: 128 }, ...content },
});

export const broadcastBody = z.unknown().openapi('BroadcastRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'data'],
  properties: {
    userIds: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 1000 },
    audience: { type: 'string', enum: ['all', 'online'] },
    ...content,
  },
});

const quietHours = {
  type: ['object', 'null'] as ('object' | 'null')[],
  additionalProperties: false,
  required: ['from', 'to'],
  properties: {
    from: { type: 'string' as const, example: '22:00' },
    to: { type: 'string' as const, example: '07:00' },
    timeZone: { type: 'string' as const, example: 'Europe/Berlin' },
  },
};
const rule = {
  muted: { type: 'boolean' as const },
  minimumPriority: { type: 'string' as const, enum: [...priorities] },
  quietHours,
};
const ruleObject = { type: 'object' as const, additionalProperties: false, properties: rule };
export const preferencesSchema = z.unknown().openapi('NotificationPreferences', {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...rule,
    types: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(notificationTypes.map((type) => [type, ruleObject])),
    },
  },
});

const count = z.number().int();
export const statisticsSchema = z
  .object({
    sent: count,
    byType: z.record(typeSchema, count),
    byPriority: z.record(prioritySchema, count),
    byState: z.record(z.enum(['unread', 'read', 'archived', 'expired', 'suppressed', 'collapsed', 'recalled']), count),
    broadcasts: z.object({ total: count, running: count, recalled: count, recipients: count }),
    delivered: z.object({ live: count, later: count, waiting: count, broadcastsLive: count }),
    medianTimeToReadMs: z.number().nullable(),
  })
  .openapi('NotificationStatistics');
