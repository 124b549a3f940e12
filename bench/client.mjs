// A connection of the load: speaks the protocol of a stock client, but keeps no document.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  authFrame,
  awarenessFrame,
  emptyStateVector,
  emptyStep2Frame,
  prefixOf,
  readFrame,
  step1Frame,
  updateFrame,
} from './wire.mjs';

const ignore = () => {};

export class Client {
  onUpdate = ignore;
  onAwareness = ignore;
  /** Answers to SyncStep1; the first one comes by itself after `open`. */
  onStep2 = ignore;
  /** Set when the connection ended although nobody here asked for it. */
  lost = null;
  #socket;
  #prefix;
  #closing = false;

  constructor(target, url, room) {
    this.#prefix = prefixOf(target, room);
    this.#socket = new WebSocket(`${url}/${room}`, { perMessageDeflate: false });
    this.#socket.binaryType = 'nodebuffer';
    const handlers = {
      step1: () => this.#send(emptyStep2Frame(this.#prefix)),
      step2: (update) => this.onStep2(update),
      update: (update) => this.onUpdate(update),
      awareness: (body) => this.onAwareness(body),
    };
    this.#socket.on('open', () => {
      if (target.namesDocumentInFrames) this.#send(authFrame(this.#prefix));
      if (target.answersSync) this.askSync(emptyStateVector);
    });
    this.#socket.on('message', (bytes) => readFrame(bytes, this.#prefix.length, handlers));
    this.#socket.on('error', ignore);
    this.#socket.on('close', (code, reason) => {
      if (!this.#closing) this.lost = `${code} ${reason}`;
    });
  }

  /** Connects and waits until the server has answered the first SyncStep1 (a relay: until the socket is open). */
  static async open(target, url, room) {
    const client = new Client(target, url, room);
    const deadline = AbortSignal.timeout(60_000);
    if (target.answersSync) {
      await new Promise((resolve, reject) => {
        client.onStep2 = resolve;
        client.#socket.once('close', (code, reason) => reject(new Error(`closed while joining: ${code} ${reason}`)));
        deadline.addEventListener('abort', () => reject(new Error('no answer to SyncStep1 in 60 s')), { once: true });
      });
      client.onStep2 = ignore;
    } else await once(client.#socket, 'open', { signal: deadline });
    return client;
  }

  sendUpdate(update) {
    this.#send(updateFrame(this.#prefix, update));
  }

  /** `state` is {clientId, clock, json}. */
  sendAwareness(state) {
    this.#send(awarenessFrame(this.#prefix, state));
  }

  askSync(stateVector) {
    this.#send(step1Frame(this.#prefix, stateVector));
  }

  close() {
    this.#closing = true;
    this.#socket.terminate();
  }

  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }
}

/** Opens `count` clients, at most 50 at a time; `roomOf(index)` names their rooms. */
export const openClients = ({ target, url }, count, roomOf) =>
  openAll(count, (index) => Client.open(target, url, roomOf(index)));

/** Opens `count` connections by `open(index)`, at most 50 at a time. */
export const openAll = async (count, open) => {
  const clients = new Array(count);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      clients[index] = await open(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(50, count) }, worker));
  return clients;
};

/** Closes them; throws when one had been lost, because then the figures are of another scenario. */
export const closeClients = (clients) => {
  const lost = clients.find((client) => client.lost !== null);
  for (const client of clients) client.close();
  if (lost) throw new Error(`a connection was lost: ${lost.lost}`);
};
