// REST: names for seqs of a document (docs/rest.md). A version's id is the seq of the event that created it.

import { createRoute, z } from '@hono/zod-openapi';
import type { DocumentEdits } from '../crdt/document-edits.js';
import type { Documents } from '../crdt/documents.js';
import type { Version, VersionQueries } from '../crdt/versions.js';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import { formatTime } from '../model/time.js';
import { type App, apiBase, createRouter } from './app.js';
import { decodeCursor, encodeCursor, nextLink } from './cursor.js';
import { refuses } from './route-completion.js';
import { createdAnswer, idParameter, jsonAnswer, jsonBody } from './route-parts.js';
import { instantSchema, limitSchema, wholeNumber } from './schemas.js';

export interface VersionRoutesOptions {
  readonly documents: Documents;
  readonly edits: DocumentEdits;
  readonly versions: VersionQueries;
}

const versionSchema = z
  .object({
    id: z.number().int(),
    name: z.string(),
    seq: z.number().int(),
    at: instantSchema,
    actor: z.string(),
  })
  .openapi('Version');
const name = z.string().min(1).max(256);
const versionParameter = idParameter.extend({ versionId: wholeNumber(1) });

const list = createRoute({
  method: 'get',
  path: '/documents/{id}/versions',
  operationId: 'listVersions',
  ...refuses('not-found', 'deleted', 'damaged-event'),
  summary: "List a document's versions, oldest first",
  request: {
    params: idParameter,
    query: z.strictObject({ limit: limitSchema, next: z.string().max(64).optional() }),
  },
  responses: {
    200: jsonAnswer(z.object({ versions: z.array(versionSchema), next: z.string().nullable() }), 'A page'),
  },
});

const create = createRoute({
  method: 'post',
  path: '/documents/{id}/versions',
  operationId: 'createVersion',
  ...refuses('not-found', 'deleted', 'damaged-event', 'seq-not-found', 'conflict'),
  summary: 'Name a seq, the newest by default',
  request: {
    params: idParameter,
    body: jsonBody(z.strictObject({ name, seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional() })),
  },
  responses: { 201: createdAnswer(versionSchema, 'The version') },
});

const rename = createRoute({
  method: 'patch',
  path: '/documents/{id}/versions/{versionId}',
  operationId: 'renameVersion',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: 'Rename a version',
  request: { params: versionParameter, body: jsonBody(z.strictObject({ name })) },
  responses: { 200: jsonAnswer(versionSchema, 'The version') },
});

const remove = createRoute({
  method: 'delete',
  path: '/documents/{id}/versions/{versionId}',
  operationId: 'deleteVersion',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: 'Delete a version: the name, not the state',
  request: { params: versionParameter },
  responses: { 204: { description: 'It is deleted' } },
});

const removeNamed = createRoute({
  method: 'delete',
  path: '/documents/{id}/versions',
  operationId: 'deleteVersionNamed',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: 'The same, with the version in the query',
  request: { params: idParameter, query: z.strictObject({ version: wholeNumber(1) }) },
  responses: { 204: { description: 'It is deleted' } },
});

export const versionRoutes = ({ documents, edits, versions }: VersionRoutesOptions): App => {
  const router = createRouter();
  const found = (id: DocumentId, versionId: number): Version => {
    const version = versions.find(id, versionId);
    if (!version) throw new ContrailError('not-found', `The document has no version ${versionId}.`);
    return version;
  };

  router.openapi(list, async (context) => {
    const { id } = context.req.valid('param');
    const { limit, next } = context.req.valid('query');
    documents.authorize(id, context.get('actor'), 'read');
    const page = versions.list(id, { after: next === undefined ? 0 : decodeCursor(next), limit: limit + 1 });
    const shown = page.slice(0, limit);
    const last = shown.at(-1);
    const continues = page.length > limit && last ? encodeCursor(last.id) : null;
    if (continues) context.header('link', nextLink(context.req.url, continues));
    return context.json({ versions: shown.map(present), next: continues }, 200);
  });

  router.openapi(create, async (context) => {
    const { id } = context.req.valid('param');
    const actor = context.get('actor');
    documents.authorize(id, actor, 'edit');
    const head = await documents.head(id, actor);
    const { name: given, seq = head } = context.req.valid('json');
    if (seq < 1 || seq > head)
      throw new ContrailError('seq-not-found', `The document has the seqs 1 to ${head}.`, { extra: { head } });
    const { seq: version } = await edits.version(id, actor, { action: 'create', name: given, seq });
    const location = `${apiBase}/documents/${encodeURIComponent(id)}/versions/${version}`;
    return context.json(present(found(id, version)), 201, { location });
  });

  router.openapi(rename, async (context) => {
    const { id, versionId } = context.req.valid('param');
    const actor = context.get('actor');
    documents.authorize(id, actor, 'edit');
    const version = found(id, versionId).id;
    await edits.version(id, actor, { action: 'rename', version, name: context.req.valid('json').name });
    return context.json(present(found(id, version)), 200);
  });

  const deleteVersion = async (id: DocumentId, actor: Actor, version: number): Promise<void> => {
    documents.authorize(id, actor, 'edit');
    await edits.version(id, actor, { action: 'delete', version: found(id, version).id });
  };

  router.openapi(remove, async (context) => {
    const { id, versionId } = context.req.valid('param');
    await deleteVersion(id, context.get('actor'), versionId);
    return context.body(null, 204);
  });

  router.openapi(removeNamed, async (context) => {
    await deleteVersion(context.req.valid('param').id, context.get('actor'), context.req.valid('query').version);
    return context.body(null, 204);
  });

  return router;
};

const present = ({ id, name: given, seq, at, actor }: Version) => ({
  id,
  name: given,
  seq,
  at: formatTime(at),
  actor: actor as string,
});
