// A raw `ws` relay: no document, no persistence.

import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../servers/relay.mjs', import.meta.url));

export const relay = {
  name: 'relay',
  title: 'raw ws relay',
  command: () => [main],
  env: ({ host, port }) => ({ HOST: host, PORT: String(port) }),
  answersSync: false,
  persists: false,
};
