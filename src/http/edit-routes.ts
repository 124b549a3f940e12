// REST: what changes a document's content on behalf of the actor: edits by path, undo, redo, restore (docs/rest.md).

import { createRoute, z } from '@hono/zod-openapi';
import type { DocumentEdits } from '../crdt/document-edits.js';
import type { Documents } from '../crdt/documents.js';
import type { PathEdit } from '../crdt/edits.js';
import type { VersionQueries } from '../crdt/versions.js';
import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import { type App, createRouter } from './app.js';
import { changeSchema } from './change-schema.js';
import { presentChange } from './present-change.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer, jsonBody } from './route-parts.js';
import { jsonSchema } from './schemas.js';

export interface EditRoutesOptions {
  readonly documents: Documents;
  readonly edits: DocumentEdits;
  readonly versions: VersionQueries;
}

/** A seq, the ETag of a document (etag.ts), or any state. */
const ifMatch = /^(\*|\d{1,16}|(W\/)?"\d{1,16}(\.[\w-]*)?")$/;
const seqAnswer = z.object({ seq: z.number().int() });
const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const editSchema = z.strictObject({
  path: z
    .array(z.union([z.string().max(256), position]))
    .min(1)
    .max(64),
  action: z.enum(['insert', 'delete', 'replace']),
  index: position.optional(),
  length: position.optional(),
  key: z.string().max(256).optional(),
  value: jsonSchema.optional(),
});

const edit = createRoute({
  method: 'post',
  path: '/documents/{id}/edits',
  operationId: 'editDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'precondition-failed', 'locked', 'conflict', 'invalid-update'),
  summary: 'Edit a text, a map or an array by its path',
  request: {
    params: idParameter,
    headers: z.looseObject({
      'if-match': z
        .string()
        .regex(ifMatch, 'must be a seq, or the ETag of the document')
        .transform((value) => (value === '*' ? null : Number(/\d+/.exec(value)?.[0])))
        .openapi({
          type: 'string',
          description:
            'The seq that the edit is meant for, plain or as the ETag of the document: 412 when the document has moved on.',
          example: '1',
        })
        .optional(),
    }),
    body: jsonBody(editSchema),
  },
  responses: { 201: jsonAnswer(seqAnswer, 'The edit is on disk and on its way to everybody') },
});

const undoBody = jsonBody(z.strictObject({ scope: z.enum(['user', 'document']).default('user') }), false);
const undoneAnswer = jsonAnswer(
  z.object({ seq: z.number().int(), undone: z.array(z.number().int()) }),
  'The seq of this event, and of those whose effect was taken back',
);
const undo = createRoute({
  method: 'post',
  path: '/documents/{id}/undo',
  operationId: 'undo',
  ...refuses('not-found', 'deleted', 'damaged-event', 'nothing-to-undo', 'locked', 'conflict', 'query-too-large'),
  summary: "Take back the actor's last step, or with scope `document` anybody's",
  request: { params: idParameter, body: undoBody },
  responses: { 200: undoneAnswer },
});
const redo = createRoute({
  method: 'post',
  path: '/documents/{id}/redo',
  operationId: 'redo',
  ...refuses('not-found', 'deleted', 'damaged-event', 'nothing-to-undo', 'locked', 'conflict', 'query-too-large'),
  summary: 'Take back the last undo',
  request: { params: idParameter, body: undoBody },
  responses: { 200: undoneAnswer },
});

const restore = createRoute({
  method: 'post',
  path: '/documents/{id}/restore',
  operationId: 'restoreDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'seq-not-found', 'locked', 'conflict', 'query-too-large'),
  summary: 'Make all roots equal to an earlier state, by one more event',
  request: {
    params: idParameter,
    body: jsonBody(
      z
        .strictObject({ seq: position.optional(), version: position.optional(), dryRun: z.boolean().default(false) })
        .refine((body) => (body.seq === undefined) !== (body.version === undefined), {
          message: 'give either seq or version',
          path: ['seq'],
        }),
    ),
  },
  responses: {
    200: jsonAnswer(
      seqAnswer.extend({ changes: z.array(changeSchema) }),
      'What it changed, or would: `seq` is that of the event, or the head when nothing was logged',
    ),
  },
});

export const editRoutes = ({ documents, edits, versions }: EditRoutesOptions): App => {
  const router = createRouter();

  router.openapi(edit, async (context) => {
    const { id } = context.req.valid('param');
    const actor = context.get('actor');
    const document = documents.authorize(id, actor, 'edit').record;
    const match = context.req.valid('header')['if-match'];
    const given = {
      edit: pathEdit(context.req.valid('json')),
      ...(match === undefined || match === null ? {} : { ifHead: match }),
    };
    return context.json(await edits.edit(document, actor, given), 201);
  });

  router.openapi(undo, async (context) => {
    const actor = context.get('actor');
    const document = documents.authorize(context.req.valid('param').id, actor, 'edit').record;
    const { scope } = context.req.valid('json') ?? {};
    const { seq, undone } = await edits.undo(document, actor, { kind: 'undo', scope: scope ?? 'user' });
    return context.json({ seq, undone: [...undone] }, 200);
  });

  router.openapi(redo, async (context) => {
    const actor = context.get('actor');
    const document = documents.authorize(context.req.valid('param').id, actor, 'edit').record;
    const { scope } = context.req.valid('json') ?? {};
    const { seq, undone } = await edits.undo(document, actor, { kind: 'redo', scope: scope ?? 'user' });
    return context.json({ seq, undone: [...undone] }, 200);
  });

  router.openapi(restore, async (context) => {
    const { id } = context.req.valid('param');
    const actor = context.get('actor');
    const { seq, version, dryRun } = context.req.valid('json');
    const document = documents.authorize(id, actor, dryRun ? 'read' : 'edit').record;
    const wanted = seq ?? versionSeq(versions, id, version ?? 0);
    const done = await (dryRun ? edits.restoreDryRun(document, actor, wanted) : edits.restore(document, actor, wanted));
    return context.json({ seq: done.seq, changes: done.changes.map(presentChange) }, 200);
  });

  return router;
};

const versionSeq = (versions: VersionQueries, id: DocumentId, version: number): number => {
  const found = versions.find(id, version);
  if (!found) throw new ContrailError('not-found', `The document has no version ${version}.`);
  return found.seq;
};

export const pathEdit = (body: {
  readonly path: readonly (string | number)[];
  readonly action: PathEdit['action'];
  readonly index?: number | undefined;
  readonly length?: number | undefined;
  readonly key?: string | undefined;
  readonly value?: unknown;
}): PathEdit => {
  const { path, action, index, length, key, value } = body;
  return {
    path,
    action,
    ...(index === undefined ? {} : { index }),
    ...(length === undefined ? {} : { length }),
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value: value as Json }),
  };
};
