// REST: what a document was, what has changed and who did it (docs/rest.md). Nothing here changes a document.

import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Documents } from '../crdt/documents.js';
import type { Body, HistoryBodies } from '../crdt/history.js';
import { ContrailError } from '../model/errors.js';
import { type App, createRouter } from './app.js';
import { changeSchema } from './change-schema.js';
import { acceptsGzip } from './content-encoding.js';
import { matchesEtag, notModified } from './etag.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer } from './route-parts.js';
import { instantSchema, timeSchema, wholeNumber } from './schemas.js';

export interface HistoryRoutesOptions {
  readonly documents: Documents;
  readonly history: HistoryBodies;
}

const rootName = z.string().min(1).max(128).default('content');

const at = createRoute({
  method: 'get',
  path: '/documents/{id}/at',
  operationId: 'readDocumentAt',
  ...refuses('not-found', 'deleted', 'damaged-event', 'seq-not-found', 'query-too-large'),
  summary: 'Read a document as it was at a seq or a time',
  request: {
    params: idParameter,
    query: z
      .strictObject({
        seq: wholeNumber(0).optional(),
        time: timeSchema.optional(),
        as: z.enum(['json', 'text', 'update']).default('json'),
        name: rootName,
      })
      .refine((query) => (query.seq === undefined) !== (query.time === undefined), {
        message: 'give either seq or time',
        path: ['seq'],
      }),
  },
  responses: {
    200: {
      description: 'The state. Its ETag holds for ever: a past state does not change',
      headers: {
        'X-Contrail-Seq': { description: 'The seq of this state', schema: { type: 'integer' as const } },
      },
      content: {
        'application/json': { schema: z.record(z.string(), z.unknown()) },
        'text/plain': { schema: z.string() },
        'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
      },
    },
  },
});

const diff = createRoute({
  method: 'get',
  path: '/documents/{id}/diff',
  operationId: 'diffDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'seq-not-found', 'query-too-large'),
  summary: 'What changed from one seq to a later one, and who did it',
  request: { params: idParameter, query: z.strictObject({ from: wholeNumber(0), to: wholeNumber(0).optional() }) },
  responses: {
    200: jsonAnswer(
      z.object({ from: z.number().int(), to: z.number().int(), changes: z.array(changeSchema) }),
      'The changes, in the order in which they are to be applied',
    ),
  },
});

const attribution = createRoute({
  method: 'get',
  path: '/documents/{id}/attribution',
  operationId: 'readAttribution',
  ...refuses('not-found', 'deleted', 'damaged-event', 'seq-not-found', 'query-too-large'),
  summary: 'Who wrote the text of a root',
  request: { params: idParameter, query: z.strictObject({ name: rootName, seq: wholeNumber(0).optional() }) },
  responses: {
    200: jsonAnswer(
      z.object({
        seq: z.number().int(),
        runs: z.array(z.object({ text: z.string(), actor: z.string(), at: instantSchema, seq: z.number().int() })),
      }),
      'The text as runs; joined, they are the text',
    ),
  },
});

export const historyRoutes = ({ documents, history }: HistoryRoutesOptions): App => {
  const router = createRouter();

  router.openapi(at, async (context) => {
    const { id } = context.req.valid('param');
    const { seq: givenSeq, time, as, name } = context.req.valid('query');
    const head = await documents.head(id, context.get('actor'));
    const seq = givenSeq ?? (await documents.seqAt(id, time ?? 0));
    if (seq < 1 || seq > head)
      throw new ContrailError('seq-not-found', `The document has the seqs 1 to ${head}.`, { extra: { head } });
    const etag = as === 'text' ? `"${seq}-text-${encodeURIComponent(name)}"` : `"${seq}-${as}"`;
    const headers = { etag, 'cache-control': 'private, no-cache', 'x-contrail-seq': String(seq) };
    if (matchesEtag(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
    const body = await history.stateBody(id, {
      seq,
      as,
      name,
      gzip: readsGzip(context),
    });
    return finished(body, { ...headers, 'content-type': mediaTypes[as] });
  });

  router.openapi(diff, async (context) => {
    const { id } = context.req.valid('param');
    const { from, to } = context.req.valid('query');
    const head = await documents.head(id, context.get('actor'));
    const range = { from, to: to ?? head };
    const etag = `"${range.from}-${range.to}"`;
    const isRange = range.from <= range.to && range.to <= head;
    if (isRange && matchesEtag(context.req.header('if-none-match'), etag)) return notModified(etag);
    const body = await history.diffBody(id, { ...range, gzip: readsGzip(context) });
    return finished(body, { etag, 'content-type': mediaTypes.json });
  });

  router.openapi(attribution, async (context) => {
    const { id } = context.req.valid('param');
    const { name, seq } = context.req.valid('query');
    const head = await documents.head(id, context.get('actor'));
    const at = seq ?? head;
    const etag = `"${at}-by-${encodeURIComponent(name)}"`;
    const isPast = at >= 1 && at <= head;
    if (isPast && matchesEtag(context.req.header('if-none-match'), etag)) return notModified(etag);
    const gzip = readsGzip(context);
    const body = await history.attributionBody(id, { name, seq: at, gzip });
    return finished(body, { etag, 'content-type': mediaTypes.json });
  });

  return router;
};

const readsGzip = ({ req }: Context): boolean => acceptsGzip(req.header('accept-encoding'));

const mediaTypes = {
  json: 'application/json',
  text: 'text/plain; charset=UTF-8',
  update: 'application/octet-stream',
} as const;

/**
 * An answer that a history worker has made; typed as what its route declares, which the worker has kept to. Its tag is weak where it is
 * compressed: then the same tag names other bytes, too.
 */
const finished = (
  { bytes, encoding }: Body,
  { etag, ...headers }: { readonly etag: string } & Record<string, string>,
): never =>
  new Response(bytes as Uint8Array<ArrayBuffer>, {
    status: 200,
    headers: {
      ...headers,
      ...(encoding === null ? { etag } : { etag: `W/${etag}`, 'content-encoding': encoding }),
      vary: 'accept-encoding',
      'content-length': String(bytes.byteLength),
    },
  }) as never;
