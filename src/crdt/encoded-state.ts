// A document's state as bytes: what it was at some time, and the updates since. For what is seldom looked at and often goes on: bytes cost the
// garbage collector next to nothing, a Y.Doc costs it all of its pieces.

import * as Y from 'yjs';

/** Fewer bytes of updates than these are not worth encoding the state anew. */
const leastBytes = 16 * 1024;

export class EncodedState {
  readonly #state: Uint8Array;
  readonly #updates: Uint8Array[] = [];
  #updateBytes = 0;

  constructor(doc: Y.Doc) {
    this.#state = Y.encodeStateAsUpdate(doc);
  }

  add(update: Uint8Array): void {
    this.#updates.push(update);
    this.#updateBytes += update.length;
  }

  /** Whether the updates weigh more than the state did: time to begin anew, from a document that has them all. */
  get isLong(): boolean {
    return this.#updateBytes > Math.max(leastBytes, this.#state.length);
  }

  toDocument(): Y.Doc {
    const doc = new Y.Doc();
    doc.transact(() => {
      for (const update of [this.#state, ...this.#updates]) Y.applyUpdate(doc, update);
    });
    return doc;
  }
}
