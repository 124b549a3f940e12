// What a document was encoded to for those who joined last. Many join at once, after a restart everybody does, and they lack the same; encoding a
// large document takes twenty milliseconds in which nobody else is served.

import type { Part } from './update-splice.js';

/** So many answers are kept: those who hold nothing and those who hold all want different ones. */
const kept = 2;

export class EncodedParts {
  #head = -1;
  #parts: { readonly known: Uint8Array; readonly part: Part }[] = [];

  /** What a document at `head` has beyond the state vector `known`: as it was encoded before, or as `encode` does it. */
  of(head: number, known: Uint8Array, encode: () => Part): Part {
    if (head !== this.#head) {
      this.#head = head;
      this.#parts = [];
    }
    const before = this.#parts.find((one) => Buffer.compare(one.known, known) === 0);
    if (before) return before.part;
    const part = encode();
    this.#parts = [{ known, part }, ...this.#parts].slice(0, kept);
    return part;
  }
}
