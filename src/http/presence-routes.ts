// REST: who is there now (docs/rest.md, docs/access.md "Presence"). Which documents somebody is in is told only as far as the asker may open them.

import { createRoute, z } from '@hono/zod-openapi';
import type { JSONValue } from 'hono/utils/types';
import type { Documents } from '../crdt/documents.js';
import type { Presence } from '../crdt/presence.js';
import type { Rooms } from '../crdt/rooms.js';
import type { DocumentId } from '../model/ids.js';
import { type App, createRouter } from './app.js';
import { nextLink, pageByKey } from './cursor.js';
import { cursorsIn, type Person, peopleIn, peopleOnline } from './presence-view.js';
import { refuses } from './route-completion.js';
import { idParameter, jsonAnswer } from './route-parts.js';
import { instantSchema, limitSchema, roleSchema } from './schemas.js';

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

const page = { limit: limitSchema, next: z.string().max(512).optional() };
const next = z.string().nullable();

const online = createRoute({
  method: 'get',
  path: '/users/online',
  operationId: 'listOnlineUsers',
  ...refuses(),
  summary: 'Who is online or away',
  request: { query: z.strictObject(page) },
  responses: {
    200: jsonAnswer(
      z.object({
        users: z.array(z.object({ ...person, documents: z.array(z.string()) })),
        count: z.number().int(),
        next,
      }),
      'People, in the order in which they came; `count` is of all',
    ),
  },
});

const users = createRoute({
  method: 'get',
  path: '/documents/{id}/users',
  operationId: 'listDocumentUsers',
  ...refuses('not-found', 'deleted'),
  summary: 'Who has the document open now',
  request: { params: idParameter, query: z.strictObject(page) },
  responses: {
    200: jsonAnswer(
      z.object({
        documentId: z.string(),
        users: z.array(z.object({ ...person, role: roleSchema, typing: z.boolean() })),
        count: z.number().int(),
        next,
      }),
      'People, once each however many connections they have; `count` is of all',
    ),
  },
});

const cursors = createRoute({
  method: 'get',
  path: '/documents/{id}/cursors',
  operationId: 'listCursors',
  ...refuses('not-found', 'deleted'),
  summary: 'The awareness states of a document: where its people are and what their editors say of them',
  request: { params: idParameter, query: z.strictObject(page) },
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
        next,
      }),
      'One per connection that has a state; `count` is of all',
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
    const { items, next: following } = pageByKey(people, placeOf, context.req.valid('query'));
    if (following) context.header('link', nextLink(context.req.url, following));
    return context.json({ users: items, count: people.length, next: following }, 200);
  });

  router.openapi(users, (context) => {
    const { id } = context.req.valid('param');
    documents.authorize(id, context.get('actor'), 'read');
    const people = peopleIn(rooms.peek(id), presence);
    const { items, next: following } = pageByKey(people, placeOf, context.req.valid('query'));
    if (following) context.header('link', nextLink(context.req.url, following));
    return context.json({ documentId: id as string, users: items, count: people.length, next: following }, 200);
  });

  router.openapi(cursors, (context) => {
    const { id } = context.req.valid('param');
    documents.authorize(id, context.get('actor'), 'read');
    const states = cursorsIn(rooms.peek(id)).map(({ cursor, state, ...who }) => ({
      ...who,
      cursor: cursor as JSONValue,
      state: state as { [key: string]: JSONValue },
    }));
    const { items, next: following } = pageByKey(
      states,
      ({ clientId }) => String(clientId).padStart(10, '0'),
      context.req.valid('query'),
    );
    if (following) context.header('link', nextLink(context.req.url, following));
    return context.json({ documentId: id as string, cursors: items, count: states.length, next: following }, 200);
  });

  return router;
};

/** A person's place in a list: when they came, which as text sorts as time does. */
const placeOf = ({ since, userId }: Person): string => `${since} ${userId}`;
