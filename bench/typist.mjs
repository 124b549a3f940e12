// Keystrokes as true Yjs updates, made ahead of time so that sending one costs the load almost nothing.

import * as Y from 'yjs';
import { seededRandom } from './random.mjs';

const chunk = 500;
const letters = 'abcdefghijklmnopqrstuvwxyz ';
/** A writer types in runs and then goes on somewhere else. */
const runLength = 40;

/**
 * One writer: update number n inserts one character, whose clock is n. Several typists of one document have not seen each other's
 * text, which any CRDT must take. Documents are independent, so rooms may share one typist.
 */
export class Typist {
  clientId;
  #doc = new Y.Doc();
  #random;
  #updates = [];
  #at = 0;

  constructor(clientId, seed) {
    this.clientId = clientId;
    this.#doc.clientID = clientId;
    this.#random = seededRandom(seed);
    this.#doc.on('update', (update) => this.#updates.push(update));
  }

  keystroke(n) {
    while (this.#updates.length <= n) this.#typeChunk();
    return this.#updates[n];
  }

  #typeChunk() {
    const text = this.#doc.getText('content');
    for (let i = 0; i < chunk; i += 1) {
      if (this.#updates.length % runLength === 0) this.#at = Math.floor(this.#random() * (text.length + 1));
      text.insert(this.#at, letters[Math.floor(this.#random() * letters.length)]);
      this.#at += 1;
    }
  }
}

/** Follows what one reader has received: how many edits of each writer, in order and without gaps. */
export class Received {
  /** Clock after the last edit received without a gap, by client id. */
  clocks = new Map();
  gaps = 0;

  /** Calls `each(clientId, from, to)` for the edits from..to-1 that are new. */
  take(update, each) {
    const { from, to } = Y.parseUpdateMeta(update);
    for (const [clientId, end] of to) {
      const known = this.clocks.get(clientId) ?? 0;
      if (end <= known) continue;
      if ((from.get(clientId) ?? 0) > known) this.gaps += 1;
      this.clocks.set(clientId, end);
      each(clientId, known, end);
    }
  }
}
