// The other end of a webhook: a real HTTP server that checks every delivery as a stock receiver does, and can be down, slow or unwell.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { SeenChange } from './reader.js';

export interface Delivery {
  readonly id: string;
  readonly events: readonly SeenChange[];
}

/** A status to answer with, or nothing at all. */
export type Mood = number | 'silent';

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

export class Receiver {
  /** Those answered with 2xx. */
  readonly taken: Delivery[] = [];
  /** Ids of all attempts. */
  readonly attempts: string[] = [];
  readonly faults: string[] = [];
  mood: Mood = 204;
  headers: Readonly<Record<string, string>> = {};
  /** Told of each attempt before it is answered. */
  onAttempt: () => void = () => {};
  readonly #webhook: Webhook;
  readonly #now: () => number;
  #server: Server | null = null;
  #port = 0;

  constructor(secret: string, now: () => number = Date.now) {
    this.#webhook = new Webhook(secret);
    this.#now = now;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook?key=canary-in-query`;
  }
  get events(): readonly SeenChange[] {
    return this.taken.flatMap(({ events }) => events);
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#receive(request).then(([status, headers]) => {
        if (status !== 'silent') response.writeHead(status, headers).end(status < 300 ? '' : 'not now');
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage): Promise<[Mood, Readonly<Record<string, string>>]> {
    const body = await read(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const id = headers['webhook-id'] ?? '';
    this.attempts.push(id);
    // The library compares with the machine's clock; a virtual one is held against the server's own.
    const stamp = Number(headers['webhook-timestamp']);
    if (Math.abs(stamp * 1000 - this.#now()) > 300_000) this.faults.push(`${id}: timestamp ${stamp}`);
    const events = this.#verified(id, stamp, { body, headers });
    this.onAttempt();
    const { mood } = this;
    if (mood !== 'silent' && mood < 300) this.taken.push({ id, events });
    return [mood, this.headers];
  }

  #verified(
    id: string,
    stamp: number,
    { body, headers }: { readonly body: string; readonly headers: Record<string, string> },
  ): readonly SeenChange[] {
    try {
      if (Math.abs(stamp * 1000 - Date.now()) < 300_000) this.#webhook.verify(body, headers);
      else if (this.#webhook.sign(id, new Date(stamp * 1000), body) !== headers['webhook-signature'])
        throw new Error('the signature is not right');
      return (JSON.parse(body) as { readonly data: { readonly events: readonly SeenChange[] } }).data.events;
    } catch (error) {
      this.faults.push(`${id}: ${String(error)}`);
      return [];
    }
  }
}

/** What an at-least-once receiver keeps: each event the first time it comes. */
export const withoutRepeats = (events: readonly SeenChange[]): readonly SeenChange[] => {
  const seen = new Set<number>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
};
