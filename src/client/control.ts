// Control requests over a stock WebsocketProvider (docs/wire.md, "Control messages"): JSON in messages of type 64, which `messageHandlers` of
// the provider lets us receive. Knows no request by name; those are built on it (provider.ts).

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { Awareness } from 'y-protocols/awareness';
import type { Doc } from 'yjs';
import type { JsonObject } from '../model/json.js';

/** What is used of y-websocket's provider; every version since 1.5 has it. */
export interface StockProvider {
  readonly doc: Doc;
  readonly awareness: Awareness;
  readonly wsconnected: boolean;
  readonly ws: { send(data: Uint8Array<ArrayBuffer>): void } | null;
  readonly messageHandlers: unknown[];
  on(event: 'status', listener: (event: { readonly status: string }) => void): unknown;
}

export interface Notice extends JsonObject {
  readonly event: string;
}

/** The server's refusal: `code` is one of its error codes, or `disconnected` when the connection was lost before the answer. */
export class ControlError extends Error {
  readonly code: string;
  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'ControlError';
    this.code = code;
  }
}

interface Waiting {
  readonly message: JsonObject;
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: ControlError) => void;
  sent: boolean;
}

const messageControl = 64;

export class ControlLink {
  readonly #provider: StockProvider;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  #lastId = 0;
  #lockedBy: string | null = null;

  constructor(provider: StockProvider) {
    this.#provider = provider;
    provider.messageHandlers[messageControl] = (_encoder: unknown, decoder: decoding.Decoder) =>
      this.#received(decoding.readVarString(decoder));
    provider.on('status', ({ status }) => {
      if (status === 'connected') this.#connected();
      else if (status === 'disconnected') this.#disconnected();
    });
  }

  /** Who holds the document's lock, as far as the server has told: from the first answer on a connection it is up to date. */
  get lockedBy(): string | null {
    return this.#lockedBy;
  }

  /** Asks the server; waits for a connection first if there is none. Rejects with ControlError. */
  request(what: string, args: JsonObject = {}): Promise<JsonObject> {
    this.#lastId += 1;
    const message = { ...args, id: this.#lastId, do: what };
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { message, resolve, reject, sent: false };
      this.#waiting.set(message.id, waiting);
      if (this.#provider.wsconnected) this.#send(waiting);
    });
  }

  /** Calls `listener` with the server's notices; the function returned ends it. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #send(waiting: Waiting): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, messageControl);
    encoding.writeVarString(encoder, JSON.stringify(waiting.message));
    waiting.sent = true;
    // A browser's socket takes no view of shared memory, and lib0 never makes one.
    this.#provider.ws?.send(encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>);
  }

  /** The server tells notices only to connections that have sent a control message. */
  #connected(): void {
    const waiting = [...this.#waiting.values()];
    if (waiting.length > 0) for (const each of waiting) this.#send(each);
    else if (this.#listeners.size > 0) this.request('hello').catch(() => undefined); // lost with the connection: the next one asks again
  }

  /** Whether a request that was under way has been carried out is not known, so it is not repeated. */
  #disconnected(): void {
    this.#lockedBy = null;
    for (const [id, { sent, reject }] of this.#waiting) {
      if (!sent) continue;
      this.#waiting.delete(id);
      reject(new ControlError('disconnected', 'the connection was lost before the answer'));
    }
  }

  #received(text: string): void {
    const message = JSON.parse(text) as JsonObject;
    if (typeof message['event'] === 'string') {
      if (message['event'] === 'locked') this.#lockedBy = String(message['by']);
      if (message['event'] === 'unlocked') this.#lockedBy = null;
      for (const listener of this.#listeners) listener(message as Notice);
      return;
    }
    const id = Number(message['id']);
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if ('ok' in message) waiting.resolve(message['ok'] as JsonObject);
    else {
      const { code, detail } = message['error'] as { readonly code: string; readonly detail: string };
      waiting.reject(new ControlError(code, detail));
    }
  }
}

const links = new WeakMap<StockProvider, ControlLink>();

/** The one link of a provider. */
export const controlOf = (provider: StockProvider): ControlLink => {
  const known = links.get(provider);
  if (known) return known;
  const link = new ControlLink(provider);
  links.set(provider, link);
  return link;
};
