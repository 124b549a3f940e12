// Shapes of notifications in REST. Answers are typed by them; bodies are only described, because notify/ checks them itself, every fault at once.

import { z } from '@hono/zod-openapi';
import { notificationTypes, priorities } from '../notify/notification.js';
import type { Preferences } from '../notify/preferences.js';
import { instantSchema, nullableInstantSchema } from './schemas.js';

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
    createdAt: instantSchema,
    expiresAt: instantSchema.optional(),
    seenAt: nullableInstantSchema,
    readAt: nullableInstantSchema,
    archivedAt: nullableInstantSchema,
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
    createdAt: instantSchema,
    recalledAt: nullableInstantSchema,
  })
  .openapi('Broadcast');

const text = (maxLength: number, example?: string) => ({
  ...{ type: 'string' as const, minLength: 1, maxLength },
  ...(example === undefined ? {} : { example }),
});
const currency = { ...text(3, 'EUR'), minLength: 3, description: 'ISO 4217' };
const amount = {
  type: ['string', 'integer'] as ('string' | 'integer')[],
  description: 'A decimal string, or whole minor units; never a float',
  example: '19.99',
};
/** The data of one type: all members but those named are required. */
const dataOf = <Members extends object>(title: string, properties: Members, optional: readonly string[] = []) => ({
  title,
  type: 'object' as const,
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const data = {
  description: 'By type',
  anyOf: [
    dataOf('payment', { amount, currency, status: text(64, 'succeeded'), transactionId: text(200) }),
    dataOf('booking', {
      showTitle: text(200),
      date: { ...text(40, '2026-11-22'), description: 'A day, or a time' },
      confirmationNumber: text(200),
      status: text(64, 'confirmed'),
    }),
    dataOf(
      'flight',
      {
        flightId: text(128, 'FL-001'),
        flightNumber: text(64, 'DL123'),
        status: text(64, 'delayed'),
        gate: text(64),
        terminal: text(64),
        delayMinutes: { type: 'integer' as const, minimum: -43_200, maximum: 43_200 },
      },
      ['gate', 'terminal', 'delayMinutes'],
    ),
    dataOf('settlement', { name: text(200), amount, currency, status: text(64, 'paid') }, ['currency']),
    dataOf('alert', { urgency: text(64, 'high'), message: text(2000), action: text(2000) }, ['action']),
  ],
};

const content = {
  type: { type: 'string' as const, enum: [...notificationTypes] },
  priority: { type: 'string' as const, enum: [...priorities], default: 'normal' },
  title: { ...text(200), description: 'Made from data unless given, as is the message' },
  message: text(2000),
  data,
  subjectId: text(200),
  collapseKey: { ...text(200), description: 'A newer one replaces the unread earlier one with the same key' },
  expiresAt: { type: 'string' as const, format: 'date-time' },
};

export const sendBody = z.unknown().openapi('SendRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['userId', 'type', 'data'],
  properties: { userId: text(128, 'alice'), ...content },
});

export const broadcastBody = z.unknown().openapi('BroadcastRequest', {
  type: 'object',
  additionalProperties: false,
  required: ['type', 'data'],
  properties: {
    userIds: { type: 'array', items: text(128, 'alice'), minItems: 1, maxItems: 1000 },
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
export const preferencesSchema = z
  .custom<Preferences>((value) => value !== undefined)
  .openapi('NotificationPreferences', {
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
