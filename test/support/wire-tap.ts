// Every byte that a person receives, over sockets and REST, watched for words that are somebody else's and for control messages that nobody
// asked for.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { messageType } from './raw-client.js';

/** A word is `canary-<owner>-<anything>`: owner is whom it may reach. */
export const canaryOf = (owner: string, mark: string): string => `canary-${owner}-${mark}`;
const marker = Buffer.from('canary-');
/** Longer than any canary, so that one which lies across two chunks is found. */
const overlap = 200;

export type SocketClass = new (address: string | URL, protocols?: string | string[]) => WebSocket;

const typeOf = (message: ArrayBuffer | Uint8Array): number | undefined =>
  (message instanceof Uint8Array ? message : new Uint8Array(message))[0];

export class WireTap {
  readonly #mayRead: (owner: string) => boolean;
  /** Weak: a socket holds its provider and that its document, and a long test goes through thousands of them. */
  readonly #tails = new WeakMap<object, Buffer>();
  readonly leaks: string[] = [];
  /** Control messages on sockets that had sent none: stock clients do not know them. */
  unasked = 0;
  bytes = 0;
  /** Canaries of their own: shows that the tap looks at the right wire. */
  own = 0;

  constructor(mayRead: (owner: string) => boolean) {
    this.#mayRead = mayRead;
  }

  /** `wire` keeps chunks of different sockets apart. */
  read(wire: object, chunk: Uint8Array): void {
    this.bytes += chunk.length;
    const tail = this.#tails.get(wire) ?? Buffer.alloc(0);
    const text = Buffer.concat([tail, chunk]);
    let end = 0;
    for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
      const word = /^canary-([a-z]+)-/.exec(text.toString('latin1', at, at + overlap));
      if (!word) continue;
      end = at + word[0].length;
      if (this.#mayRead(word[1] ?? '')) this.own += 1;
      else this.leaks.push(text.toString('latin1', Math.max(0, at - 60), at + 80));
    }
    this.#tails.set(wire, Buffer.from(text.subarray(Math.max(end, text.length - overlap))));
  }

  /** A WebSocket class whose instances are tapped at their TCP sockets, handshake included. */
  socketClass(): SocketClass {
    const tap = this;
    return class TappedSocket extends WebSocket {
      #hasAsked = false;

      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols);
        this.on('message', (message: ArrayBuffer | Uint8Array) => {
          if (typeOf(message) === messageType.control && !this.#hasAsked) tap.unasked += 1;
        });
        this.on('upgrade', (response: IncomingMessage) => {
          tap.read(response.socket, Buffer.from(response.rawHeaders.join('\n')));
          (response.socket as Socket).on('data', (chunk: Buffer) => tap.read(response.socket, chunk));
        });
        this.on('close', (_code: number, reason: Buffer) => tap.read(this, reason));
      }

      override send(data: ArrayBuffer | Uint8Array): void {
        if (typeOf(data) === messageType.control) this.#hasAsked = true;
        super.send(data);
      }
    };
  }
}
