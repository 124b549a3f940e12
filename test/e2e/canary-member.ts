// One of the people of canaries.ts: a stock provider whose socket is tapped, REST calls, and a stream of the change feed.

import * as Y from 'yjs';
import { tokenOf } from '../access/world.js';
import { until } from '../support/deadline.js';
import type { LocalServer } from '../support/local-server.js';
import { StockClient } from '../support/stock-client.js';
import { WireTap } from '../support/wire-tap.js';

export interface MemberOptions {
  readonly local: LocalServer;
  readonly id: string;
  /** `null` in open mode. */
  readonly token: string | null;
  /** The document to begin in. */
  readonly document: string;
  readonly mayRead: (owner: string) => boolean;
}

export class Member {
  readonly id: string;
  readonly tap: WireTap;
  readonly #local: LocalServer;
  readonly #token: string | null;
  readonly #stream = new AbortController();
  client: StockClient;
  document: string;
  /** How many connections were closed for writing where only the server may, or for coming where they may not. */
  refusals = 0;
  /** How far the pages of the change feed have been read. */
  #cursor = 0;

  private constructor({ local, id, token, document, mayRead }: MemberOptions) {
    this.id = id;
    this.#local = local;
    this.#token = token;
    this.tap = new WireTap(mayRead);
    this.document = document;
    this.client = this.#connect(document, new Y.Doc());
  }

  static async come(options: Omit<MemberOptions, 'token'> & { readonly withToken: boolean }): Promise<Member> {
    const member = new Member({ ...options, token: options.withToken ? await tokenOf(options.id) : null });
    await Promise.all([member.client.synced(), member.#follow()]);
    return member;
  }

  async reconnect(document: string, doc = new Y.Doc(), channels?: string): Promise<void> {
    this.refusals += this.client.closes.filter((code) => code === 4403).length;
    this.client.close();
    this.document = document;
    this.client = this.#connect(document, doc, channels);
    await until(() => this.client.provider.synced || this.client.closes.length > 0, `${this.id} is synced or closed`);
  }

  /** Sends bytes on the provider's own socket. */
  raw(frame: Uint8Array): void {
    const { ws } = this.client.provider as unknown as {
      ws: { readyState: number; send(data: Uint8Array): void } | null;
    };
    if (ws?.readyState === 1) ws.send(frame);
  }

  async rest(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#local.url}/api/realtime${path}`, {
      method,
      headers: { ...this.#identity, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    this.tap.read(answer, Buffer.from(JSON.stringify([...answer.headers])));
    this.tap.read(answer, bytes);
    return answer.headers.get('content-type')?.includes('json') ? JSON.parse(Buffer.from(bytes).toString()) : null;
  }

  /** The next page of the change feed. */
  async page(limit: number): Promise<void> {
    const { cursor } = (await this.rest('GET', `/events?after=${this.#cursor}&limit=${limit}`)) as { cursor?: number };
    this.#cursor = cursor ?? this.#cursor;
  }

  close(): void {
    this.client.close();
    this.#stream.abort();
  }

  get #identity(): Readonly<Record<string, string>> {
    return this.#token === null ? { 'X-User-Id': this.id } : { Authorization: `Bearer ${this.#token}` };
  }

  #connect(document: string, doc: Y.Doc, channels?: string): StockClient {
    const client = new StockClient(this.#local.wsUrl, document, {
      user: this.id,
      doc,
      params: {
        ...(this.#token === null ? {} : { token: this.#token }),
        ...(channels === undefined ? {} : { channels }),
      },
      socketClass: this.tap.socketClass(),
    });
    // Applications that send control messages know them; the tap counts those that come without being asked for.
    const { messageHandlers } = client.provider as unknown as { messageHandlers: (() => void)[] };
    messageHandlers[64] = () => {};
    return client;
  }

  /** Opens a stream of everything that happens, and reads it until the end. */
  async #follow(): Promise<void> {
    const { signal } = this.#stream;
    const headers = { ...this.#identity, Accept: 'text/event-stream' };
    const answer = await fetch(`${this.#local.url}/api/realtime/events?after=0`, { headers, signal });
    if (answer.status !== 200 || answer.body === null) throw new Error(`the feed answered ${answer.status}`);
    const read = async (body: ReadableStream<Uint8Array>) => {
      for await (const chunk of body) this.tap.read(answer, chunk);
    };
    read(answer.body).catch(() => {}); // it is aborted, or ends with the server
  }
}
