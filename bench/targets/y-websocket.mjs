// The server that y-websocket 2.1.0 carries (bin/server.cjs), as it is: in memory, and with its LevelDB persistence.

import { fileURLToPath } from 'node:url';

// By its path: the package exports the server's parts, not the server itself.
const main = fileURLToPath(new URL('../node_modules/y-websocket/bin/server.cjs', import.meta.url));
const env = ({ host, port }) => ({ HOST: host, PORT: String(port) });

export const yWebsocket = {
  name: 'yws',
  title: 'y-websocket 2.1.0',
  command: () => [main],
  env,
  answersSync: true,
  persists: false,
};

export const yWebsocketLevel = {
  name: 'yws-leveldb',
  title: 'y-websocket 2.1.0 + LevelDB',
  command: () => [main],
  env: ({ host, port, dir }) => ({ ...env({ host, port }), YPERSISTENCE: dir }),
  answersSync: true,
  persists: true,
};
