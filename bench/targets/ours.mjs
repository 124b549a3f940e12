// Contrail, as `npm run build` leaves it. Only the limits that a benchmark is meant to exceed are raised.

import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export const ours = {
  name: 'ours',
  title: 'Contrail',
  command: () => [main, 'serve'],
  env: ({ host, port, dir }) => ({
    HOST: host,
    PORT: String(port),
    DATA_DIR: dir,
    LOG_LEVEL: 'error',
    MAX_FRAMES_PER_SECOND: '1000000',
    MAX_FRAMES_BURST: '1000000',
  }),
  answersSync: true,
  persists: true,
  hasFlights: true,
  /** URL of a past state as text; only ours has one. */
  pastState: ({ host, port, room, seq }) =>
    `http://${host}:${port}/api/realtime/documents/${encodeURIComponent(room)}/at?seq=${seq}&as=text`,
  /** URL that answers 200 once all of the server is up. */
  ready: ({ host, port }) => `http://${host}:${port}/healthz/ready`,
  /** URL of a document, below which the questions about its past lie. */
  document: ({ host, port, room }) => `http://${host}:${port}/api/realtime/documents/${encodeURIComponent(room)}`,
  /** URL that answers `{seq}`, the document's number of events. */
  head: ({ host, port, room }) => `http://${host}:${port}/api/realtime/documents/${encodeURIComponent(room)}`,
};
