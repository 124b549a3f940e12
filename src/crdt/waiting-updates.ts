// Updates of one connection whose dependencies are missing: a client that edits before its first step2 sends such honestly. They wait here,
// never in the document, and not for long: the client's next step2 must bring what they need.

import { ContrailError } from '../model/errors.js';
import type { ParsedUpdate } from './update-parser.js';

export class WaitingUpdates {
  readonly #maxUpdates: number;
  readonly #maxBytes: number;
  #updates: ParsedUpdate[] = [];
  #bytes = 0;

  constructor(maxUpdates: number, maxBytes: number) {
    this.#maxUpdates = maxUpdates;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#updates.length;
  }

  /** Throws `malformed` when there are too many. The bytes must stay as they are: socket memory has to be copied before. */
  add(parsed: ParsedUpdate): void {
    if (this.#updates.length >= this.#maxUpdates || this.#bytes + parsed.bytes.length > this.#maxBytes) {
      throw new ContrailError('malformed', 'too many updates whose dependencies are missing');
    }
    this.#updates.push(parsed);
    this.#bytes += parsed.bytes.length;
  }

  /** Offers each to `accept` until none is taken any more. */
  retry(accept: (parsed: ParsedUpdate) => boolean): void {
    for (let before = -1; before !== this.#updates.length && this.#updates.length > 0; ) {
      before = this.#updates.length;
      this.#updates = this.#updates.filter((parsed) => !accept(parsed));
    }
    this.#bytes = this.#updates.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  clear(): void {
    this.#updates = [];
    this.#bytes = 0;
  }
}
