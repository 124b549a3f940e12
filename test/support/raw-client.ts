// A client that speaks the protocol by hand: for frames no honest client sends, and for knowing exactly what arrived.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { until, within } from './deadline.js';

export const messageType = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3, control: 64 } as const;
export const syncType = { step1: 0, step2: 1, update: 2 } as const;

export const syncFrame = (type: number, body: Uint8Array): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageType.sync);
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint8Array(encoder, body);
  });
export const updateFrame = (update: Uint8Array): Uint8Array => syncFrame(syncType.update, update);
export const step1Frame = (doc: Y.Doc): Uint8Array => syncFrame(syncType.step1, Y.encodeStateVector(doc));
export const awarenessFrame = (update: Uint8Array): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageType.awareness);
    encoding.writeVarUint8Array(encoder, update);
  });
export const controlFrame = (body: unknown): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, messageType.control);
    encoding.writeVarString(encoder, JSON.stringify(body));
  });

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export interface RawOptions {
  readonly user: string;
  readonly params?: Readonly<Record<string, string>>;
  /** Holds what this client has; a fresh Y.Doc unless given. */
  readonly doc?: Y.Doc;
  /** `true`: live updates are counted, not applied; for load that should cost its sender little. */
  readonly deaf?: boolean;
}

export interface Control {
  readonly id?: number;
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly event?: string;
  readonly seq?: number;
}

/**
 * Connects at once and applies what arrives to `doc`; answers step1 as any client must. It sends its own step1 and edits only when told
 * (`sync`, `send…`).
 */
export class RawClient {
  readonly doc: Y.Doc;
  readonly controls: Control[] = [];
  /** step1 messages received: the first after connecting, more when the server misses something. */
  step1s = 0;
  step2s = 0;
  updates = 0;
  closed: Close | null = null;
  /** Set to `false`, it answers no further step1, as no honest client does. */
  answers = true;
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  readonly #closing: Promise<Close>;
  readonly #deaf: boolean;

  constructor(wsUrl: string, documentPath: string, options: RawOptions) {
    this.doc = options.doc ?? new Y.Doc();
    this.#deaf = options.deaf ?? false;
    const query = new URLSearchParams({ user: options.user, ...options.params });
    this.#socket = new WebSocket(`${wsUrl}/${documentPath}?${query}`, { perMessageDeflate: false });
    this.#socket.binaryType = 'nodebuffer';
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
    this.#opened.catch(() => {}); // whoever awaits it hears of it
    this.#socket.on('error', () => {}); // a close follows
    this.#closing = new Promise((resolve) => {
      this.#socket.once('close', (code, reason) => {
        this.closed = { code, reason: reason.toString() };
        resolve(this.closed);
      });
    });
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
  }

  /** Opens the connection and exchanges states; resolves with the first step2. */
  async sync(deadlineMs = 10_000): Promise<this> {
    await within(this.#opened, 'the socket opens', deadlineMs);
    const before = this.step2s;
    this.send(step1Frame(this.doc));
    await until(() => this.step2s > before || this.closed !== null, 'a step2 arrives', deadlineMs);
    if (this.closed !== null) throw new Error(`closed ${this.closed.code} ${this.closed.reason} before the first sync`);
    return this;
  }

  async opened(): Promise<this> {
    await within(this.#opened, 'the socket opens');
    return this;
  }

  /** Sends bytes as they are; a string goes out as a text frame. Silent when the socket is not open. */
  send(frame: Uint8Array | string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Changes the own doc in one transaction and sends the update. */
  edit(change: (doc: Y.Doc) => void): void {
    let emitted: Uint8Array | null = null;
    const catchUpdate = (update: Uint8Array): void => {
      emitted = update;
    };
    this.doc.on('update', catchUpdate);
    this.doc.transact(() => change(this.doc));
    this.doc.off('update', catchUpdate);
    if (emitted !== null) this.send(updateFrame(emitted));
  }

  /** Asks by control message; resolves with `ok`, rejects with the error. */
  async request(body: { readonly id: number; readonly do: string }): Promise<Readonly<Record<string, unknown>>> {
    this.send(controlFrame(body));
    const answer = (): Control | undefined => this.controls.find(({ id }) => id === body.id);
    await until(() => answer() !== undefined || this.closed !== null, `an answer to ${body.do}`);
    const ok = answer()?.ok;
    if (ok === undefined) throw new Error(`${body.do}: ${JSON.stringify(answer()?.error ?? this.closed)}`);
    return ok;
  }

  /** Stops and resumes reading from the socket. */
  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  /** Resolves when the server (or the network) has closed the connection. */
  async closing(deadlineMs = 10_000): Promise<Close> {
    return within(this.#closing, 'the connection is closed', deadlineMs);
  }

  /** Drops the connection without a closing handshake and gives up the doc. */
  destroy(): void {
    this.#socket.terminate();
    this.doc.destroy();
  }

  #receive(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === messageType.control) {
      this.controls.push(JSON.parse(decoding.readVarString(decoder)) as Control);
      return;
    }
    if (type !== messageType.sync) return;
    const kind = decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (kind === syncType.step1) {
      this.step1s += 1;
      if (this.answers) this.send(syncFrame(syncType.step2, Y.encodeStateAsUpdate(this.doc, body)));
      return;
    }
    if (kind === syncType.step2) this.step2s += 1;
    else this.updates += 1;
    if (kind === syncType.step2 || !this.#deaf) Y.applyUpdate(this.doc, body, this);
  }
}

/** What `has` lacks of `wanted`: clocks of structs, and whether a delete is missing. All zero and false when nothing was lost. */
export const missingFrom = (has: Y.Doc, wanted: Y.Doc): { readonly structs: number; readonly deletes: boolean } => {
  const state = Y.decodeStateVector(Y.encodeStateVector(has));
  const asked = Y.decodeStateVector(Y.encodeStateVector(wanted));
  let structs = 0;
  for (const [client, clock] of asked) structs += Math.max(0, clock - (state.get(client) ?? 0));
  if (structs > 0) return { structs, deletes: false };
  const joined = new Y.Doc();
  Y.applyUpdate(joined, Y.encodeStateAsUpdate(has));
  let changed = false;
  joined.on('update', () => {
    changed = true;
  });
  Y.applyUpdate(joined, Y.encodeStateAsUpdate(wanted));
  joined.destroy();
  return { structs, deletes: changed };
};
