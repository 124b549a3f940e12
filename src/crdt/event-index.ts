// Which event brought which item: item ids (client, clock) to the event that introduced them. Filled from the events' update sections in
// the order of the log, each read once; about 16 bytes per event. It answers who wrote what, never what is alive.

import * as Y from 'yjs';
import { type LoggedEvent, updateKinds } from '../model/events.js';
import type { UserId } from '../model/ids.js';

/** What people see of an event beside a piece of content. */
export interface Origin {
  readonly actor: UserId;
  /** Unix ms. */
  readonly at: number;
  readonly seq: number;
}

/** A client's ranges: range i begins at clock `starts[i]`, ends where the next begins, and came with event `seqs[i]`. */
interface ClientRanges {
  readonly starts: number[];
  readonly seqs: number[];
  end: number;
}

export class EventIndex {
  readonly #clients = new Map<number, ClientRanges>();
  readonly #origins = new Map<number, Origin>();
  #seq: number;

  /** An index of the events after `seq`; 0 for all of them. */
  constructor(seq = 0) {
    this.#seq = seq;
  }

  /** The seq of the last event added. */
  get seq(): number {
    return this.#seq;
  }

  add(event: Pick<LoggedEvent, 'seq' | 'at' | 'actor' | 'kind' | 'payload'>): void {
    this.#seq = event.seq;
    if (event.payload === null || !updateKinds.has(event.kind)) return;
    this.#origins.set(event.seq, { actor: event.actor, at: event.at, seq: event.seq });
    const { from, to } = Y.parseUpdateMeta(event.payload);
    for (const [client, start] of from) this.#addRange(client, start, { end: to.get(client) ?? start, seq: event.seq });
  }

  #addRange(client: number, start: number, { end, seq }: { readonly end: number; readonly seq: number }): void {
    const ranges = this.#clients.get(client) ?? { starts: [], seqs: [], end: 0 };
    if (ranges.starts.length === 0) this.#clients.set(client, ranges);
    // Clocks of a client only grow along the log (I2), so the arrays stay sorted.
    if (end <= ranges.end) return;
    ranges.starts.push(Math.max(start, ranges.end));
    ranges.seqs.push(seq);
    ranges.end = end;
  }

  /** The event that introduced the item at `clock`, and the clock at which its range ends; `null` for items of before the index. */
  find(client: number, clock: number): { readonly origin: Origin; readonly end: number } | null {
    const ranges = this.#clients.get(client);
    if (ranges === undefined || clock >= ranges.end) return null;
    const { starts, seqs } = ranges;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= clock) low = middle + 1;
      else high = middle;
    }
    const origin = this.#origins.get(seqs[low - 1] ?? 0);
    return origin === undefined ? null : { origin, end: starts[low] ?? ranges.end };
  }
}
