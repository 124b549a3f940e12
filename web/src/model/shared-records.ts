// A shared map of maps as plain records that change: what `doc.getMap('flights')` and `doc.getMap('notifications')` hold.

import { signal } from '@preact/signals';
import * as Y from 'yjs';

export type SharedRecord = Readonly<Record<string, unknown>>;

export class SharedRecords {
  readonly all = signal<ReadonlyMap<string, SharedRecord>>(new Map());
  readonly #map: Y.Map<unknown>;

  constructor(map: Y.Map<unknown>) {
    this.#map = map;
    map.observeDeep((events) => {
      const changed = new Set<string>();
      for (const event of events) {
        const key = event.path[0];
        if (key !== undefined) changed.add(String(key));
        else for (const name of event.changes.keys.keys()) changed.add(name);
      }
      this.#refresh(changed);
    });
  }

  #refresh(keys: ReadonlySet<string>): void {
    const next = new Map(this.all.peek());
    for (const key of keys) {
      const value = this.#map.get(key);
      if (value instanceof Y.Map) next.set(key, value.toJSON() as SharedRecord);
      else next.delete(key);
    }
    this.all.value = next;
  }
}
