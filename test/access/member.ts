// One person's connection, speaking the protocol by hand and keeping what it is told: roles, denials, notices, others' presence.

import * as decoding from 'lib0/decoding';
import { WebSocket } from 'ws';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { until, within } from '../support/deadline.js';
import {
  awarenessFrame,
  type Close,
  controlFrame,
  messageType,
  step1Frame,
  syncFrame,
  syncType,
  updateFrame,
} from '../support/raw-client.js';

export interface MemberOptions {
  readonly doc?: Y.Doc;
  /** How the token travels; in the query unless given. */
  readonly by?: 'query' | 'header' | 'protocol';
  /** Does not look at documents and presence it is sent: for many who type at once. */
  readonly deaf?: boolean;
}

export interface Told {
  readonly id?: number;
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly event?: string;
  readonly [field: string]: unknown;
}

export class Member {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly told: Told[] = [];
  /** Auth frames: permission denied. */
  denied = 0;
  step1s = 0;
  step2s = 0;
  closed: Close | null = null;
  /** `performance.now()` of the close. */
  closedAt = 0;
  readonly #socket: WebSocket;
  readonly #deaf: boolean;
  readonly #opened: Promise<void>;
  #lastId = 0;

  constructor(wsUrl: string, document: string, token: string, options: MemberOptions = {}) {
    this.doc = options.doc ?? new Y.Doc();
    this.awareness = new Awareness(this.doc);
    this.awareness.setLocalState(null);
    this.#deaf = options.deaf ?? false;
    const by = options.by ?? 'query';
    this.#socket = new WebSocket(
      `${wsUrl}/${document}${by === 'query' ? `?token=${token}` : ''}`,
      by === 'protocol' ? ['contrail', `bearer.${token}`] : [],
      by === 'header' ? { headers: { authorization: `Bearer ${token}` } } : {},
    );
    this.#socket.binaryType = 'nodebuffer';
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
    this.#opened.catch(() => {}); // whoever awaits it hears of it
    this.#socket.on('error', () => {}); // a close follows
    this.#socket.once('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.closedAt = performance.now();
    });
    this.#socket.on('message', (data: Buffer) => this.#receive(data));
  }

  get text(): string {
    return this.doc.getText('content').toString();
  }

  async opened(): Promise<void> {
    await within(this.#opened, 'the socket opens');
  }

  async sync(): Promise<this> {
    await this.opened();
    const before = this.step2s;
    this.send(step1Frame(this.doc));
    await until(() => this.step2s > before || this.closed !== null, 'a step2 arrives');
    if (this.closed !== null) throw new Error(`closed ${this.closed.code} ${this.closed.reason} before the first sync`);
    return this;
  }

  send(frame: Uint8Array | string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Changes the document and sends what that made. */
  edit(change: (doc: Y.Doc) => void): void {
    const made: Uint8Array[] = [];
    const keep = (update: Uint8Array) => void made.push(update);
    this.doc.on('update', keep);
    this.doc.transact(() => change(this.doc));
    this.doc.off('update', keep);
    for (const update of made) this.send(updateFrame(update));
  }

  type(text: string): void {
    this.edit((doc) => doc.getText('content').insert(doc.getText('content').length, text));
  }

  /** Sends the own awareness state. */
  show(state: Record<string, unknown> | null): void {
    this.awareness.setLocalState(state);
    this.send(awarenessFrame(encodeAwarenessUpdate(this.awareness, [this.doc.clientID])));
  }

  async ask(what: string, args: Readonly<Record<string, unknown>> = {}): Promise<Told> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send(controlFrame({ id, do: what, ...args }));
    await until(() => this.closed !== null || this.told.some((each) => each.id === id), `an answer to ${what}`);
    const answer = this.told.find((each) => each.id === id);
    if (!answer) throw new Error(`closed ${this.closed?.code} before the answer to ${what}`);
    return answer;
  }

  heard(event: string): readonly Told[] {
    return this.told.filter((each) => each.event === event);
  }

  async closing(): Promise<Close> {
    await until(() => this.closed !== null, 'the connection is closed');
    return this.closed as Close;
  }

  destroy(): void {
    this.#socket.terminate();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #receive(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === messageType.control) this.told.push(JSON.parse(decoding.readVarString(decoder)) as Told);
    else if (type === messageType.auth) this.denied += 1;
    else if (this.#deaf && (type !== messageType.sync || frame[1] === syncType.update)) return;
    else if (type === messageType.awareness)
      applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), 'server');
    else if (type === messageType.sync) this.#sync(decoder);
  }

  #sync(decoder: decoding.Decoder): void {
    const kind = decoding.readVarUint(decoder);
    const body = decoding.readVarUint8Array(decoder);
    if (kind === syncType.step1) {
      this.step1s += 1;
      this.send(syncFrame(syncType.step2, Y.encodeStateAsUpdate(this.doc, body)));
      return;
    }
    Y.applyUpdate(this.doc, body, 'server');
    if (kind === syncType.step2) this.step2s += 1;
  }
}
