// Contrail inside somebody else's server: a plain node:http server with a request handler of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContrailServer, createServer, type ServerOptions } from '../../src/contrail.js';

export interface Hosted {
  readonly host: Server;
  /** `http://127.0.0.1:<port>` of the host. */
  readonly hostUrl: string;
  readonly contrail: ContrailServer;
  /** `ws://…/collab` */
  readonly wsUrl: string;
}

export const hostAnswer: RequestListener = (request, response) => {
  response.end(`the host saw ${request.method} ${request.url}`);
};

export const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Runs `work` with Contrail below `/collab`, and ends both. */
export const withHosted = async (
  work: (hosted: Hosted) => Promise<void>,
  options: ServerOptions = {},
  handler: RequestListener = hostAnswer,
): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-hosted-'));
  const host = createHttpServer(handler);
  try {
    const contrail = await createServer({
      server: host,
      path: '/collab',
      ...{ dataDir, durability: 'normal', logLevel: 'silent' },
      ...options,
    });
    try {
      const hostUrl = await listening(host);
      await work({ host, hostUrl, contrail, wsUrl: contrail.url.replace('http', 'ws') });
    } finally {
      await contrail.close();
    }
  } finally {
    await new Promise((resolve) => {
      host.close(resolve);
      host.closeAllConnections();
    });
    rmSync(dataDir, { recursive: true, force: true });
  }
};
