// Hocuspocus 3.4.4 with SQLite. Its frames begin with the document's name, and a connection speaks first of who it is.

import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../servers/hocuspocus.mjs', import.meta.url));

export const hocuspocus = {
  name: 'hocuspocus',
  title: 'Hocuspocus 3.4.4 + SQLite',
  command: () => [main],
  env: ({ host, port, dir }) => ({ HOST: host, PORT: String(port), DATA_DIR: dir }),
  namesDocumentInFrames: true,
  answersSync: true,
  persists: true,
};
