// REST: who is there now (docs/rest.md, docs/access.md "Presence"). Which documents somebody is in is told only as far as the asker may open them.

import { createRoute, z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import type { Documents } from '../crdt/documents.js';
import type { Presence } from '../crdt/presence.js';
import type { Rooms } from '../crdt/rooms.js';
import type { DocumentId } from '../model/ids.js';
import { type App, createRouter } from './app.js';
import { cursorsIn, peopleIn, peopleOnline } from './presence-view.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer } from './route-parts.js';
import { instantSchema, roleSchema } from './schemas.js';

export interface PresenceRoutesOptions {
  readonly documents: Documents;
  readonly presence: Presence;
  readonly rooms: Rooms;
}

const person = {
  userId: z.string(),
  name: z.string().nullable(),
  status: z.enum(['online', 'away']),
  since: instantSchema,
};

const online = createRoute({
  method: 'get',
  path: '/users/online',
  operationId: 'listOnlineUsers',
  ...refuses(),
  summary: 'Who is online or away',
  responses: {
    200: jsonAnswer(
      z.object({ users: z.array(z.object({ ...person, documents: z.array(z.string()) })), count: z.number().int() }),
      'People, in the order in which they came',
    ),
  },
});

const users = createRoute({
  method: 'get',
  path: '/documents/{id}/users',
  operationId: 'listDocumentUsers',
  ...refuses('not-found', 'deleted'),
  summary: 'Who has the document open now',
  request: { params: idParameter },
  responses: {
    200: jsonAnswer(
      z.object({
        documentId: z.string(),
        users: z.array(z.object({ ...person, role: roleSchema, typing: z.boolean() })),
        count: z.number().int(),
      }),
      'People, once each however many connections they have',
    ),
  },
});

const cursors = createRoute({
  method: 'get',
  path: '/documents/{id}/cursors',
  operationId: 'listCursors',
  ...refuses('not-found', 'deleted'),
  summary: 'The awareness states of a document: where its people are and what their editors say of them',
  request: { params: idParameter },
  responses: {
    200: jsonAnswer(
      z.object({
        documentId: z.string(),
        cursors: z.array(
          z.object({
            clientId: z.number().int(),
            userId: z.string(),
            name: z.string().nullable(),
            cursor: z.unknown(),
            state: z.record(z.string(), z.unknown()),
          }),
        ),
        count: z.number().int(),
      }),
      'One per connection that has a state',
    ),
  },
});

export const presenceRoutes = ({ documents, presence, rooms }: PresenceRoutesOptions): App => {
  const router = createRouter();

  router.openapi(online, async (context) => {
    const actor = context.get('actor');
    const open = presence.users().flatMap(({ sessions }) => [...sessions].map(({ room }) => room.id));
    await documents.decide(new Set(open), actor);
    const visible = new Map<DocumentId, boolean>();
    const mayKnow = (id: DocumentId): boolean => {
      const known = visible.get(id) ?? documents.currentRole(id, actor) !== null;
      visible.set(id, known);
      return known;
    };
    const people = peopleOnline(presence, mayKnow);
    return context.json({ users: people, count: people.length }, 200);
  });

  router.openapi(users, (context) => {
    const { id } = context.req.valid('param');
    documents.authorize(id, context.get('actor'), 'read');
    const people = peopleIn(rooms.peek(id), presence);
    return context.json({ documentId: id as string, users: people, count: people.length }, 200);
  });

  router.openapi(cursors, (context) => {
    const { id } = context.req.valid('param');
    documents.authorize(id, context.get('actor'), 'read');
    const states = cursorsIn(rooms.peek(id)).map(({ cursor, state, ...who }) => ({
      ...who,
      cursor: cursor as JSONValue,
      state: state as { [key: string]: JSONValue },
    }));
    return context.json({ documentId: id as string, cursors: states, count: states.length }, 200);
  });

  return router;
};
