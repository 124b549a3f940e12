// REST: named messages to connections that speak control messages (docs/wire.md). For admins.

import { createRoute, z } from '@hono/zod-openapi';
import { type Messages, maxMessageBytes, maxMessageNameLength } from '../crdt/messages.js';
import { ContrailError } from '../model/errors.js';
import type { Json } from '../model/json.js';
import { type App, createRouter } from './app.js';
import { refuses } from './route-completion.js';
import { jsonAnswer, jsonBody } from './route-parts.js';
import { jsonSchema, userIdSchema } from './schemas.js';

const message = {
  name: z.string().min(1).max(maxMessageNameLength),
  data: jsonSchema
    .default(null)
    .refine(
      (data) => Buffer.byteLength(JSON.stringify(data)) <= maxMessageBytes,
      `must be at most ${maxMessageBytes} bytes`,
    ),
};
export const messageSchema = z.strictObject(message);

const send = createRoute({
  method: 'post',
  path: '/messages',
  operationId: 'sendMessage',
  ...refuses(),
  summary: "Send a message to a person's connections, or to everybody's; who is not there does not get it",
  request: {
    body: jsonBody(
      z
        .strictObject({ userId: userIdSchema.optional(), audience: z.literal('all').optional(), ...message })
        .refine((body) => (body.userId === undefined) !== (body.audience === undefined), {
          message: 'give either userId or audience',
          path: ['userId'],
        }),
    ),
  },
  responses: {
    200: jsonAnswer(z.object({ connections: z.number().int() }), 'To how many connections it was sent'),
  },
});

export const messageRoutes = (messages: Messages): App => {
  const router = createRouter();
  router.openapi(send, (context) => {
    if (!context.get('actor').admin) throw new ContrailError('forbidden', 'Only an admin may send messages.');
    const { userId, name, data } = context.req.valid('json');
    const sent = { name, data: data as Json };
    return context.json(
      { connections: userId === undefined ? messages.toAll(sent) : messages.toUser(userId, sent) },
      200,
    );
  });
  return router;
};
