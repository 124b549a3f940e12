// A person with a document open through a stock provider, in a process of its own, who does what they are told over IPC: {id, do, …} is answered
// with {id, ok}. Arguments of the process: <wsUrl> <documentId> <user>. The editor itself is in codemirror-client.mjs and prosemirror-client.mjs.

import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** Resolves once the document is synced. */
export const openDocument = async () => {
  const [wsUrl, documentId, user] = process.argv.slice(2);
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(wsUrl, documentId, doc, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
    maxBackoffTime: 400,
    params: { user },
  });
  await new Promise((resolve) => provider.once('sync', resolve));
  return { doc, provider };
};

/** Carries out what is asked with the functions of these names, and says that all is ready. */
export const obey = (deeds) => {
  process.on('message', async ({ id, do: what, ...given }) => {
    try {
      process.send({ id, ok: (await deeds[what](given)) ?? null });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ id: 0, ok: null });
};
