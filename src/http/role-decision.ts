// Where embedding code decides on roles itself, it is asked before a request that names a document is looked at: everything behind is synchronous.

import type { MiddlewareHandler } from 'hono';
import type { Documents } from '../crdt/documents.js';
import { parseDocumentId } from '../model/ids.js';
import { type AppEnvironment, apiBase } from './app.js';

const createPath = `${apiBase}/documents/create`;

/** For the routes below `/documents/:id`, behind authentication. */
export const decideRole =
  (documents: Documents): MiddlewareHandler<AppEnvironment> =>
  async (context, next) => {
    const id = parseDocumentId(context.req.param('id') ?? '');
    if (id && context.req.path !== createPath) await documents.decide([id], context.get('actor'));
    await next();
  };
