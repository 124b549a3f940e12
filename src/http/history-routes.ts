// REST: what a document was, what has changed and who did it (docs/rest.md). Nothing here changes a document.

import { createRoute, z } from '@hono/zod-openapi';
import type { Documents } from '../crdt/documents.js';
import type { History } from '../crdt/history.js';
import { ContrailError } from '../model/errors.js';
import type { Json } from '../model/json.js';
import { formatTime } from '../model/time.js';
import { type App, createRouter } from './app.js';
import { changeSchema, presentChange } from './change-schema.js';
import { matchesEtag } from './etag.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer } from './route-parts.js';
import { instantSchema, timeSchema, wholeNumber } from './schemas.js';

export interface HistoryRoutesOptions {
  readonly documents: Documents;
  readonly history: History;
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
    const { seq: head } = await documents.get(id, context.get('actor'));
    const seq = givenSeq ?? (await documents.seqAt(id, time ?? 0));
    if (seq < 1 || seq > head)
      throw new ContrailError('seq-not-found', `The document has the seqs 1 to ${head}.`, { extra: { head } });
    const etag = as === 'text' ? `"${seq}-text-${encodeURIComponent(name)}"` : `"${seq}-${as}"`;
    const headers = { etag, 'cache-control': 'private, no-cache', 'x-contrail-seq': String(seq) };
    if (matchesEtag(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
    const { state } = await history.stateAt(id, { seq, as, name });
    if (state instanceof Uint8Array)
      return context.body(Uint8Array.from(state).buffer, 200, {
        ...headers,
        'content-type': 'application/octet-stream',
      });
    return as === 'text' ? context.text(String(state), 200, headers) : context.json(asObject(state), 200, headers);
  });

  router.openapi(diff, async (context) => {
    const { id } = context.req.valid('param');
    const { from, to } = context.req.valid('query');
    const { seq } = await documents.get(id, context.get('actor'));
    const answer = await history.diff(id, { from, to: to ?? seq });
    return context.json({ ...answer, changes: answer.changes.map(presentChange) }, 200);
  });

  router.openapi(attribution, async (context) => {
    const { id } = context.req.valid('param');
    const { name, seq } = context.req.valid('query');
    await documents.get(id, context.get('actor'));
    const answer = await history.attribution(id, { name, ...(seq === undefined ? {} : { seq }) });
    const runs = answer.runs.map((run) => ({ ...run, actor: run.actor as string, at: formatTime(run.at) }));
    return context.json({ seq: answer.seq, runs }, 200);
  });

  return router;
};

const asObject = (state: Json): { [key: string]: never } => state as unknown as { [key: string]: never };
