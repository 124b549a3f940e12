// REST: the change feed, as pages and as Server-Sent Events (docs/events.md).

import { createRoute, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import { type App, createRouter } from './app.js';
import type { Change } from './change.js';
import type { ChangeAccess } from './change-access.js';
import type { ChangeFeed } from './change-feed.js';
import { ChangeStream } from './change-stream.js';
import { decodeCursor, encodeCursor, nextLink } from './cursor.js';
import { changesSchema, kindsSchema, type PresentedChange, presentChange } from './event-schemas.js';
import { refuses } from './route-completion.js';
import { limitSchema, wholeNumber } from './schemas.js';

export interface EventRoutesOptions {
  readonly feed: ChangeFeed;
  readonly access: ChangeAccess;
  readonly clock: Clock;
  readonly maxStalledMs: number;
  /** Before a person reads: from now on they are somebody whom broadcasts to all reach. */
  readonly entering: (userId: UserId) => Promise<void>;
}

export interface EventRoutes {
  readonly router: App;
  /** Ends the streams, each in an orderly way. */
  close(): void;
}

const maxStreams = 1_000;
const maxStreamsPerUser = 20;
const eventsAtOnce = 100;
/** A page looks at so many events at most, so that somebody who may see little does not keep the server busy with one request. */
const maxLookedAt = 10_000;

const list = createRoute({
  method: 'get',
  path: '/events',
  operationId: 'listEvents',
  ...refuses('conflict'),
  summary: 'Follow everything the actor may read: pages, or a stream with Accept: text/event-stream',
  request: {
    query: z.strictObject({
      after: z
        .union([wholeNumber(0), z.literal('now')], { error: 'must be the id of an event, or now' })
        .optional()
        .openapi({
          type: 'string',
          pattern: '^([0-9]+|now)$',
          description: 'An id to go on after, or `now`; 0 unless given',
        }),
      kind: kindsSchema.optional(),
      limit: limitSchema,
      next: z.string().max(64).optional(),
    }),
    headers: z.object({
      'last-event-id': wholeNumber(0)
        .optional()
        .openapi({ description: 'What a reader that reconnects sends; wins over `after`' }),
    }),
  },
  responses: {
    200: {
      description: 'Changes in the order in which they were committed',
      content: {
        'application/json': { schema: changesSchema },
        'text/event-stream': {
          schema: z
            .string()
            .openapi({ description: 'Each `data` is a ChangeEvent, each `id` the place to go on after' }),
        },
      },
    },
  },
});

export const eventRoutes = ({ feed, access, clock, maxStalledMs, entering }: EventRoutesOptions): EventRoutes => {
  const router = createRouter();
  const streams = new Map<ChangeStream, UserId>();

  const stream = (actor: Actor, after: number, wants: (change: PresentedChange) => boolean): Response => {
    const own = [...streams.values()].filter((userId) => userId === actor.userId).length;
    if (own >= maxStreamsPerUser)
      throw new ContrailError('rate-limited', `One person may follow over ${maxStreamsPerUser} streams at most.`);
    if (streams.size >= maxStreams)
      throw new ContrailError('overloaded', 'There are too many streams; try again later.');
    const opened = new ChangeStream(after, {
      ...{ feed, wants, clock, maxStalledMs, expiresAt: actor.expiresAt },
      sight: async (changes) => {
        await access.ask(actor, changes);
        return access.of(actor);
      },
      onEnd: () => void streams.delete(opened),
    });
    streams.set(opened, actor.userId);
    return new Response(opened.body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      },
    });
  };

  router.openapi(list, async (context) => {
    const { after = 0, kind, limit, next } = context.req.valid('query');
    const actor = context.get('actor');
    await entering(actor.userId);
    const given = context.req.valid('header')['last-event-id'] ?? (next === undefined ? after : decodeCursor(next));
    const from = given === 'now' ? feed.head : given;
    if (!(await feed.reaches(from)))
      throw new ContrailError('conflict', `The log ends at ${feed.head}: was it replaced by an older one?`, {
        extra: { head: feed.head },
      });
    const wants = (change: PresentedChange): boolean => kind?.includes(change.kind) ?? true;
    const type = accepts(context, {
      header: 'Accept',
      supports: ['application/json', 'text/event-stream'],
      default: 'application/json',
    });
    if (type === 'text/event-stream') return stream(actor, from, wants);

    const pass = async (changes: readonly Change[]) => {
      await access.ask(actor, changes);
      const see = access.of(actor);
      return (change: Change): readonly PresentedChange[] => {
        const seen = see(change);
        const shown = seen && presentChange(seen);
        return shown && wants(shown) ? [shown] : [];
      };
    };
    const found: Change[] = [];
    let cursor = from;
    for (let looked = 0; found.length < limit && looked < maxLookedAt; looked += eventsAtOnce) {
      const page = await feed.after(cursor, eventsAtOnce);
      if (page.cursor === cursor) break;
      const see = await pass(page.changes);
      const allowed = page.changes.filter((change) => see(change).length > 0);
      const room = limit - found.length;
      found.push(...allowed.slice(0, room));
      cursor = allowed.length > room ? (found.at(-1)?.id ?? cursor) : page.cursor;
      // Others get their turn while somebody goes through much that is not theirs.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { head } = feed;
    const more = cursor < head ? encodeCursor(cursor) : null;
    if (more) context.header('link', nextLink(context.req.url, more));
    // Looked at once more, in one pass: what was allowed when the first page was read may not be any longer.
    const events = found.flatMap(await pass(found));
    return context.json({ events, cursor, head: Math.max(head, cursor), next: more }, 200);
  });

  return {
    router,
    close() {
      for (const opened of [...streams.keys()]) opened.end();
    },
  };
};
