// Pieces that routes are described with (OpenAPI): answers as JSON, what goes wrong, a document's id in the path.

import { z } from '@hono/zod-openapi';
import { documentIdSchema, problemSchema } from './schemas.js';

export const jsonAnswer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const jsonBody = <Schema extends z.ZodType>(schema: Schema, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});

export const problemAnswer = {
  description: 'What went wrong',
  content: { 'application/problem+json': { schema: problemSchema } },
};

export const idParameter = z.object({ id: documentIdSchema });
