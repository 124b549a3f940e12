// How often a connection has tried what its role does not allow, and when it was last told so.

import { ContrailError } from '../model/errors.js';

const tellIntervalMs = 1_000;
const maxDenied = 100;

export class Denials {
  #count = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Counts one, and answers whether it is time to tell. Throws `forbidden` when there have been too many. */
  tells(now: number): boolean {
    this.#count += 1;
    if (this.#count > maxDenied) throw new ContrailError('forbidden', 'you may read this document, not edit it');
    if (now - this.#toldAt < tellIntervalMs) return false;
    this.#toldAt = now;
    return true;
  }
}
