// Contrail in a custom server as Next.js and similar frameworks have it: a node:http server that hands every request to one handler.
// With Next.js the handler is
//
//   import next from 'next';
//   const app = next({ dev: process.env.NODE_ENV !== 'production' });
//   await app.prepare();
//   const handle = app.getRequestHandler();
//
// and its own WebSocket for reloading pages keeps working: Contrail takes what is below its path and nothing else.

import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'contrail'; // 1

const handle = (request, response) => {
  if (request.url === '/login?as=alice')
    response.setHeader('set-cookie', 'session=alice; HttpOnly; SameSite=Lax; Path=/');
  response.end(`rendered ${request.url}`);
};

/** Who a session cookie belongs to; an application would look it up. */
const userOf = (headers) => /(?:^|; )session=(alice|bob)(?:;|$)/.exec(headers.get('cookie') ?? '')?.[1];

const server = createHttpServer((request, response) => handle(request, response));

// 2: the browser sends the application's cookie with the WebSocket's handshake and with every request, so nothing else is needed.
const contrail = await createServer({
  server,
  path: '/collab',
  dataDir: process.env.DATA_DIR ?? './data',
  authenticate: async ({ headers }) => {
    const userId = userOf(headers);
    return userId === undefined ? null : { userId };
  },
  // Everybody who is logged in may edit; documents below `private/` are their owner's alone.
  authorize: ({ documentId, storedRole }) => storedRole ?? (documentId.startsWith('private/') ? null : 'editor'),
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', async () => {
  await contrail.close(); // 3
  server.close();
});
