// REST: documents, their content and their history (docs/rest.md).

import { createRoute, z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import type { DocumentSummary, Documents } from '../crdt/documents.js';
import type { History } from '../crdt/history.js';
import { presentLock } from '../crdt/locks.js';
import { ContrailError } from '../model/errors.js';
import { type EventKind, type EventSummary, eventKinds } from '../model/events.js';
import { type DocumentId, parseDocumentId } from '../model/ids.js';
import { formatTime, type Random } from '../model/time.js';
import { type App, apiBase, createRouter } from './app.js';
import { decodeCursor, encodeCursor, nextLink } from './cursor.js';
import { documentEtag, matchesEtag, notModified } from './etag.js';
import { refuses } from './route-completion.js';
import { createdAnswer, idParameter, jsonAnswer, jsonBody } from './route-parts.js';
import {
  documentIdSchema,
  documentSchema,
  eventSchema,
  limitSchema,
  timeSchema,
  userIdSchema,
  wholeNumber,
} from './schemas.js';

export interface DocumentRoutesOptions {
  readonly documents: Documents;
  readonly history: History;
  readonly random: Random;
}

export const createSchema = z.strictObject({
  id: documentIdSchema.optional(),
  title: z.string().min(1).max(256).optional(),
  content: z.string().max(1_000_000).optional(),
});

const create = createRoute({
  method: 'post',
  path: '/documents/create',
  operationId: 'createDocument',
  ...refuses('already-exists', 'deleted'),
  summary: 'Create a document',
  request: {
    body: jsonBody(createSchema),
  },
  responses: { 201: createdAnswer(documentSchema, 'The document') },
});

const list = createRoute({
  method: 'get',
  path: '/documents',
  operationId: 'listDocuments',
  ...refuses(),
  summary: 'List the documents the actor may open, newest first',
  request: { query: z.strictObject({ limit: limitSchema, next: z.string().max(64).optional() }) },
  responses: {
    200: jsonAnswer(z.object({ documents: z.array(documentSchema), next: z.string().nullable() }), 'A page'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/documents/{id}',
  operationId: 'readDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'query-too-large'),
  summary: 'Read a document',
  request: {
    params: idParameter,
    query: z.strictObject({ content: z.enum(['json', 'text', 'none']).default('none') }),
  },
  responses: { 200: jsonAnswer(documentSchema, 'The document') },
});

const kinds: readonly string[] = eventKinds.doc;
const history = createRoute({
  method: 'get',
  path: '/documents/{id}/history',
  operationId: 'listHistory',
  ...refuses('not-found', 'deleted', 'damaged-event'),
  summary: "List a document's events",
  request: {
    params: idParameter,
    query: z.strictObject({
      after: wholeNumber(0).optional(),
      before: wholeNumber(0).optional(),
      actor: userIdSchema.optional(),
      kind: z
        .string()
        .transform((value) => value.split(','))
        .refine((given) => given.every((kind) => kinds.includes(kind)), `must be among ${kinds.join(', ')}`)
        .openapi({ type: 'string' })
        .optional(),
      since: timeSchema.optional(),
      until: timeSchema.optional(),
      order: z.enum(['asc', 'desc']).default('asc'),
      limit: limitSchema,
      next: z.string().max(64).optional(),
    }),
  },
  responses: {
    200: jsonAnswer(
      z.object({
        documentId: z.string(),
        head: z.number().int(),
        events: z.array(eventSchema),
        next: z.string().nullable(),
      }),
      'A page of events',
    ),
  },
});

export const documentRoutes = ({ documents, history: past, random }: DocumentRoutesOptions): App => {
  const router = createRouter();

  router.openapi(create, async (context) => {
    const { id, title, content } = context.req.valid('json');
    const given = { ...(title === undefined ? {} : { title }), ...(content === undefined ? {} : { seed: content }) };
    const document = await documents.create(id ?? newDocumentId(random), context.get('actor'), given);
    return context.json(present(document), 201, {
      location: `${apiBase}/documents/${encodeURIComponent(document.id)}`,
    });
  });

  router.openapi(list, async (context) => {
    const { limit, next } = context.req.valid('query');
    const page = await documents.list(
      context.get('actor'),
      next === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(next),
      limit,
    );
    const cursor = page.next === null ? null : encodeCursor(page.next);
    if (cursor) context.header('link', nextLink(context.req.url, cursor));
    return context.json({ documents: page.documents.map(present), next: cursor }, 200);
  });

  router.openapi(read, async (context) => {
    const { id } = context.req.valid('param');
    const { content } = context.req.valid('query');
    const document = await documents.get(id, context.get('actor'));
    const etag = documentEtag(document.seq, content, present(document));
    if (matchesEtag(context.req.header('if-none-match'), etag)) return notModified(etag);
    if (content === 'none') return context.json(present(document), 200, { etag });
    const as = content === 'json' ? 'json' : 'texts';
    const { state } = await past.stateAt(id, { seq: document.seq, as });
    return context.json({ ...present(document), content: state as { [key: string]: JSONValue } }, 200, { etag });
  });

  router.openapi(history, async (context) => {
    const { id } = context.req.valid('param');
    const { kind, next, after, before, actor, since, until, order, limit } = context.req.valid('query');
    const head = await documents.head(id, context.get('actor'));
    // A page is a function of the log up to its head and of its own address.
    const etag = documentEtag(head, context.req.url);
    if (matchesEtag(context.req.header('if-none-match'), etag)) return notModified(etag);
    const cursor = next === undefined ? undefined : decodeCursor(next);
    const afterSeq = order === 'asc' ? (cursor ?? after) : after;
    const beforeSeq = order === 'desc' ? (cursor ?? before) : before;
    const page = await documents.history(id, {
      ...(afterSeq === undefined ? {} : { after: afterSeq }),
      ...(beforeSeq === undefined ? {} : { before: beforeSeq }),
      ...(actor === undefined ? {} : { actor }),
      ...(kind === undefined ? {} : { kinds: kind as EventKind[] }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      order,
      limit,
    });
    const last = page.events.at(-1);
    const ended = last?.seq === (order === 'asc' ? page.head : 1);
    const continues = page.events.length === limit && last && !ended ? encodeCursor(last.seq) : null;
    if (continues) context.header('link', nextLink(context.req.url, continues));
    return context.json(
      { documentId: id, head: page.head, events: page.events.map(presentEvent), next: continues },
      200,
      { etag: documentEtag(page.head, context.req.url) },
    );
  });

  return router;
};

export const present = (document: DocumentSummary) => ({
  id: document.id as string,
  title: document.title,
  ownerId: document.ownerId as string,
  role: document.role,
  createdAt: formatTime(document.createdAt),
  updatedAt: formatTime(document.updatedAt),
  seq: document.seq,
  lock: document.lock && presentLock(document.lock),
  collaborators: document.collaborators.map(({ userId, role, at: since }) => ({
    userId: userId as string,
    role,
    at: formatTime(since),
  })),
  activeUsers: [...document.activeUsers],
});

export const presentEvent = ({ seq, at: time, actor, kind, bytes, meta }: EventSummary) => ({
  seq,
  at: formatTime(time),
  actor: actor as string,
  kind,
  bytes,
  ...(meta ? { meta: meta as { [key: string]: JSONValue } } : {}),
});

/** 80 random bits: enough that nobody guesses or meets one. */
export const newDocumentId = (random: Random): DocumentId => {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const id = parseDocumentId(Array.from({ length: 16 }, () => letters[Math.floor(random() * letters.length)]).join(''));
  if (!id) throw new ContrailError('internal', 'No id could be made.');
  return id;
};
