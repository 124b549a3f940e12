// The shapes of REST, each written once: they check requests, type the handlers and make the OpenAPI document.

import { z } from '@hono/zod-openapi';
import { parseDocumentId, parseUserId } from '../model/ids.js';
import { roles } from '../model/roles.js';

const json = z.json();
/** Any JSON. Described by hand: the generator of the OpenAPI document does not come to an end in a type that contains itself. */
export const jsonSchema = z
  .custom<z.infer<typeof json>>((value) => json.safeParse(value).success, 'must be JSON')
  .openapi({ type: ['string', 'number', 'boolean', 'object', 'array', 'null'] });

export const documentIdSchema = z
  .string()
  .transform((value, context) => {
    const id = parseDocumentId(value);
    if (id === null) {
      context.addIssue({
        code: 'custom',
        message: 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ / -, without empty, "." or ".." segments',
      });
      return z.NEVER;
    }
    return id;
  })
  .openapi({
    type: 'string',
    minLength: 1,
    maxLength: 128,
    pattern: '^[A-Za-z0-9._~:@/-]{1,128}$',
    example: 'my-document',
  });

export const userIdSchema = z
  .string()
  .transform((value, context) => {
    const id = parseUserId(value);
    if (id === null) {
      context.addIssue({ code: 'custom', message: 'must be 1 to 128 characters without control characters' });
      return z.NEVER;
    }
    return id;
  })
  .openapi({ type: 'string', minLength: 1, maxLength: 128, example: 'alice' });

/** A whole number in a query string. */
export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .openapi({ type: 'integer', minimum: min, maximum: max });

/** A time in a query string: RFC 3339. Becomes Unix ms. */
export const timeSchema = z.iso
  .datetime({ offset: true, message: 'must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z' })
  .transform((value) => Date.parse(value))
  .openapi({ type: 'string', format: 'date-time' });

export const limitSchema = wholeNumber(1, 1000)
  .default(100)
  .openapi({ type: 'integer', minimum: 1, maximum: 1000, default: 100 });

/** How OpenAPI describes every time that is answered: RFC 3339, UTC, with milliseconds. */
export const instant = {
  type: 'string' as const,
  format: 'date-time',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  example: '2026-01-31T12:00:00.000Z',
};
export const instantSchema = z.string().openapi(instant);
export const nullableInstantSchema = z
  .string()
  .nullable()
  .openapi({ ...instant, type: ['string', 'null'] });
export const lockSchema = z.object({ userId: z.string(), until: instantSchema });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string(),
    errors: z
      .array(z.object({ at: z.string(), detail: z.string() }))
      .optional()
      .openapi({
        description: 'Every fault of the request: `at` is `/member`, `?parameter`, `:path` or `header name`',
      }),
    head: z.number().int().optional().openapi({ description: 'The newest seq' }),
    lock: lockSchema.optional().openapi({ description: '`locked`: who holds it' }),
    from: z.string().optional().openapi({ description: '`illegal-move`: the phase of the flight' }),
    to: z.string().optional(),
    allowed: z.array(z.string()).optional(),
    candidates: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .openapi({ description: '`ambiguous-flight`: the legs that match' }),
    stream: z.string().optional().openapi({ description: '`damaged-event`: where it is' }),
    seq: z.number().int().optional(),
  })
  .openapi('Problem');

export const roleSchema = z.enum(roles);

export const documentSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    ownerId: z.string(),
    role: roleSchema,
    createdAt: instantSchema,
    updatedAt: instantSchema,
    seq: z.number().int(),
    lock: lockSchema.nullable(),
    collaborators: z.array(z.object({ userId: z.string(), role: roleSchema, at: instantSchema })),
    activeUsers: z.array(z.string()),
    content: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Document');

export const eventSchema = z
  .object({
    seq: z.number().int(),
    at: instantSchema,
    actor: z.string(),
    kind: z.string(),
    bytes: z.number().int(),
    meta: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Event');
