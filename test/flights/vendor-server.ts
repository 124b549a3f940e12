// A local HTTP server that stands for a vendor: it answers what the test puts into `reply` and remembers what it was asked.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON, text as it is; `undefined` never answers. */
  readonly body?: unknown;
}

export interface VendorServer {
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
  reply: (path: string) => Reply;
  close(): Promise<void>;
}

export const startVendor = async (): Promise<VendorServer> => {
  const vendor: { -readonly [key in keyof VendorServer]: VendorServer[key] } = {
    url: '',
    asked: [],
    reply: () => ({ body: {} }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = request.url ?? '';
    vendor.asked.push({ url, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const { status = 200, headers = {}, body } = vendor.reply(url);
    if (body === undefined) return;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return vendor;
};
