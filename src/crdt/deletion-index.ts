// Which event deleted which item, gathered while events are applied inside one Yjs transaction: whatever its delete set gained during an
// event was deleted by that event, overwritten map entries and the content of deleted types included.

import type * as Y from 'yjs';
import type { LoggedEvent } from '../model/events.js';
import type { Origin } from './event-index.js';

type DeleteSet = Y.Transaction['deleteSet'];

interface DeletedRange {
  readonly clock: number;
  readonly end: number;
  readonly origin: Origin;
}

export class DeletionIndex {
  readonly #clients = new Map<number, { readonly ranges: DeletedRange[]; sorted: boolean }>();

  /** Takes what `deleteSet` holds beyond what it held at the last call as deleted by `event`. */
  add(event: Pick<LoggedEvent, 'seq' | 'at' | 'actor'>, deleteSet: DeleteSet): void {
    const origin = { actor: event.actor, at: event.at, seq: event.seq };
    for (const [client, items] of deleteSet.clients) {
      const known = this.#clients.get(client) ?? { ranges: [], sorted: true };
      if (known.ranges.length === items.length) continue;
      this.#clients.set(client, known);
      for (const { clock, len } of items.slice(known.ranges.length))
        known.ranges.push({ clock, end: clock + len, origin });
      known.sorted = false;
    }
  }

  /** The event that deleted the item at `clock`; `null` when none of those added did. */
  find(client: number, clock: number): Origin | null {
    const known = this.#clients.get(client);
    if (known === undefined) return null;
    const { ranges } = known;
    if (!known.sorted) ranges.sort((a, b) => a.clock - b.clock);
    known.sorted = true;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.clock ?? 0) <= clock) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low - 1];
    return range !== undefined && clock < range.end ? range.origin : null;
  }
}
