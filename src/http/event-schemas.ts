// The shapes of the change feed, in REST and in webhooks.

import { z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import { eventKinds } from '../model/events.js';
import { formatTime } from '../model/time.js';
import { type Change, changeTypes } from './change.js';
import { instantSchema } from './schemas.js';

const kinds: ReadonlySet<string> = new Set(
  (['doc', 'flight', 'inbox', 'preferences', 'broadcast'] as const).flatMap(
    (type): readonly string[] => eventKinds[type],
  ),
);

/** A comma-separated list of kinds. */
export const kindsSchema = z
  .string()
  .transform((value) => value.split(','))
  .refine((given) => given.every((kind) => kinds.has(kind)), `must be among ${[...kinds].join(', ')}`)
  .openapi({ type: 'string', example: 'created,shared,deleted' });

export const changeSchema = z
  .object({
    id: z.number().int().openapi({ description: 'Grows over all events: go on after it' }),
    type: z.enum(changeTypes),
    subject: z.string().openapi({ description: 'Id of the document, flight, person or broadcast', example: 'plan' }),
    seq: z.number().int(),
    at: instantSchema,
    actor: z.string(),
    kind: z.string(),
    bytes: z.number().int(),
    data: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('ChangeEvent');

export const changesSchema = z.object({
  events: z.array(changeSchema),
  cursor: z.number().int().openapi({ description: 'Give it as `after` to go on, now or later' }),
  head: z.number().int().openapi({ description: 'The newest id at this moment' }),
  next: z.string().nullable().openapi({ description: 'The next page; `null` when there is nothing more now' }),
});

export const presentChange = ({ id, type, subject, seq, at, actor, kind, bytes, data }: Change) => ({
  ...{ id, type, subject, seq, at: formatTime(at), actor: actor as string, kind, bytes },
  ...(data === null ? {} : { data: data as { [key: string]: JSONValue } }),
});
export type PresentedChange = ReturnType<typeof presentChange>;
