// REST: who may do what with a document, its title, its end, and its lock (docs/rest.md, docs/access.md).

import { createRoute, z } from '@hono/zod-openapi';
import type { Documents } from '../crdt/documents.js';
import { defaultLockSeconds, type Locks, maxLockSeconds, presentLock } from '../crdt/locks.js';
import type { Membership } from '../crdt/membership.js';
import { type App, createRouter } from './app.js';
import { present } from './document-routes.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer, jsonBody } from './route-parts.js';
import { documentSchema, lockSchema, userIdSchema } from './schemas.js';

export interface AccessRoutesOptions {
  readonly documents: Documents;
  readonly membership: Membership;
  readonly locks: Locks;
}

const documentAnswer = jsonAnswer(documentSchema, 'The document');
const lockState = z.object({ lock: lockSchema.nullable() });

const change = createRoute({
  method: 'patch',
  path: '/documents/{id}',
  operationId: 'renameDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: "Change a document's title",
  request: { params: idParameter, body: jsonBody(z.strictObject({ title: z.string().min(1).max(256) })) },
  responses: { 200: documentAnswer },
});

const remove = createRoute({
  method: 'delete',
  path: '/documents/{id}',
  operationId: 'deleteDocument',
  ...refuses('not-found', 'deleted', 'damaged-event'),
  summary: 'Delete a document: its connections close with 4410 and its id is never given again',
  request: { params: idParameter },
  responses: { 204: { description: 'It is deleted' } },
});

const share = createRoute({
  method: 'post',
  path: '/documents/{id}/share',
  operationId: 'shareDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: 'Give people a role',
  request: {
    params: idParameter,
    body: jsonBody(
      z.strictObject({ userIds: z.array(userIdSchema).min(1).max(1000), role: z.enum(['editor', 'viewer']) }),
    ),
  },
  responses: { 200: documentAnswer },
});

const unshare = createRoute({
  method: 'delete',
  path: '/documents/{id}/collaborators/{userId}',
  operationId: 'unshareDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'conflict'),
  summary: "Take a person's role away",
  request: { params: idParameter.extend({ userId: userIdSchema }) },
  responses: { 200: documentAnswer },
});

const lock = createRoute({
  method: 'put',
  path: '/documents/{id}/lock',
  operationId: 'lockDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'locked'),
  summary: 'Take or renew the lock',
  request: {
    params: idParameter,
    body: jsonBody(
      z.strictObject({ ttlSeconds: z.number().int().min(1).max(maxLockSeconds).default(defaultLockSeconds) }),
      false,
    ),
  },
  responses: { 200: jsonAnswer(lockState, 'The lock') },
});

const unlock = createRoute({
  method: 'delete',
  path: '/documents/{id}/lock',
  operationId: 'unlockDocument',
  ...refuses('not-found', 'deleted', 'damaged-event', 'locked'),
  summary: 'Free the lock: its holder, the owner or an admin',
  request: { params: idParameter },
  responses: { 200: jsonAnswer(lockState, 'There is no lock now') },
});

export const accessRoutes = ({ documents, membership, locks }: AccessRoutesOptions): App => {
  const router = createRouter();

  router.openapi(change, async (context) => {
    const { id } = context.req.valid('param');
    await membership.rename(id, context.get('actor'), context.req.valid('json').title);
    return context.json(present(await documents.get(id, context.get('actor'))), 200);
  });

  router.openapi(remove, async (context) => {
    await membership.remove(context.req.valid('param').id, context.get('actor'));
    return context.body(null, 204);
  });

  router.openapi(share, async (context) => {
    const { id } = context.req.valid('param');
    const { userIds, role } = context.req.valid('json');
    await membership.share(id, context.get('actor'), userIds, role);
    return context.json(present(await documents.get(id, context.get('actor'))), 200);
  });

  router.openapi(unshare, async (context) => {
    const { id, userId } = context.req.valid('param');
    await membership.unshare(id, context.get('actor'), userId);
    return context.json(present(await documents.get(id, context.get('actor'))), 200);
  });

  router.openapi(lock, async (context) => {
    const { id } = context.req.valid('param');
    documents.authorize(id, context.get('actor'), 'lock');
    const { ttlSeconds = defaultLockSeconds } = context.req.valid('json');
    return context.json({ lock: presentLock(await locks.lock(id, context.get('actor'), ttlSeconds)) }, 200);
  });

  router.openapi(unlock, async (context) => {
    const { id } = context.req.valid('param');
    const actor = context.get('actor');
    if (actor.admin) documents.assertPresent(id);
    else documents.authorize(id, actor, 'lock');
    const mayBreak = actor.admin || documents.currentRole(id, actor) === 'owner';
    await locks.unlock(id, actor, mayBreak);
    return context.json({ lock: null }, 200);
  });

  return router;
};
