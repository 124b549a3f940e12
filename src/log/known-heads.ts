// The heads of streams asked about lately, kept up with the writer's acknowledgements: a question about a head that SQLite answers costs the main
// thread 0.2 ms while people type, as every commit of another connection empties its cache of pages.

import type { Head } from '../model/event-log.js';
import type { Position } from '../model/events.js';
import type { StreamName } from '../model/ids.js';

const mostKnown = 1_000;

export class KnownHeads {
  readonly #heads = new Map<StreamName, Head>();

  get(stream: StreamName): Head | undefined {
    return this.#heads.get(stream);
  }

  /** A head as the database has it, right after it was read: an acknowledgement in between would be missed. */
  learn(stream: StreamName, head: Head): void {
    if (this.#heads.size === mostKnown) this.#heads.clear();
    this.#heads.set(stream, head);
  }

  /** An event was logged. */
  follow(stream: StreamName, { id, seq, at }: Position): void {
    // What was read meanwhile may be newer than what is acknowledged only now.
    if (seq > (this.#heads.get(stream)?.seq ?? Number.POSITIVE_INFINITY)) this.#heads.set(stream, { id, seq, at });
  }

  /** Something may have been logged without an acknowledgement. */
  forget(): void {
    this.#heads.clear();
  }
}
