// What a document was encoded to for those who joined last. Many join at once, after a restart everybody does, and they lack the same; encoding a
// large document takes twenty milliseconds in which nobody else is served.

import { Recent } from './recent.js';
import type { Part } from './update-splice.js';

/** So many answers are kept: those who hold nothing and those who hold all want different ones. */
const kept = 2;

export class EncodedParts {
  #head = -1;
  #parts = new Recent<string, Part>(kept);

  /** What a document at `head` has beyond the state vector `known`: as it was encoded before, or as `encode` does it. */
  of(head: number, known: Uint8Array, encode: () => Part): Part {
    if (head !== this.#head) {
      this.#head = head;
      this.#parts = new Recent(kept);
    }
    return this.#parts.take(Buffer.from(known).toString('latin1'), encode);
  }
}
