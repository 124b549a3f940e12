// Contrail in an Express application: documents at ws://HOST/collab/<documentId>, REST at /collab/api/realtime, the application everywhere else.
// In a project of yours: `npm install contrail express`, then `node server.mjs`.

import { createServer } from 'contrail'; // 1
import express from 'express';

const app = express();
app.get('/', (_request, response) => {
  response.send('This page is the application’s own.');
});
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');

// 2: it lives below /collab of this server and leaves the rest alone. Nobody is authenticated here, so it hears loopback addresses only;
// give it `authenticate` (see ../next-custom-server) or `jwtSecret` before it faces a network.
const contrail = await createServer({ server, path: '/collab', dataDir: process.env.DATA_DIR ?? './data' });

// What the REST interface does, the application can do by calling functions.
app.post('/welcome/:userId', async (request, response) => {
  const message = `Welcome, ${request.params.userId}`;
  response.json(await contrail.notifications.sendAlert(request.params.userId, { urgency: 'low', message }));
});

process.once('SIGTERM', async () => {
  await contrail.close(); // 3: what is in flight is committed, clients are told to come back
  server.close();
});

console.log(`http://127.0.0.1:${server.address().port}`);
