// How a change of a document is shown in REST: in a diff, and in what a restore did or would do.

import { z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import { instantSchema } from './schemas.js';

export const changeSchema = z
  .object({
    type: z.enum(['insert', 'delete', 'format', 'set', 'remove']),
    path: z
      .array(z.union([z.string(), z.number()]))
      .openapi({ description: "the root's name, then keys and positions" }),
    index: z
      .number()
      .int()
      .optional()
      .openapi({ description: 'position once the changes before this one are applied' }),
    text: z.string().optional(),
    values: z.array(z.unknown()).optional(),
    length: z.number().int().optional(),
    attributes: z.record(z.string(), z.unknown()).optional(),
    old: z.unknown().optional(),
    new: z.unknown().optional(),
    actor: z.string(),
    at: instantSchema,
    seq: z.number().int(),
  })
  .openapi('Change');

export type PresentedChange = z.infer<typeof changeSchema> & { [key: string]: JSONValue };
