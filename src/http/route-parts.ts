// Pieces that routes are described with (OpenAPI): answers as JSON, bodies, a document's id in the path.

import { z } from '@hono/zod-openapi';
import { documentIdSchema } from './schemas.js';

export const jsonAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The answer to a POST that made something with an address of its own. */
export const createdAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  ...jsonAnswer(schema, description),
  headers: { Location: { description: 'The path of what was made', schema: { type: 'string' as const } } },
});

export const jsonBody = <Schema extends z.ZodType>(schema: Schema, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});

export const idParameter = z.object({ id: documentIdSchema });
