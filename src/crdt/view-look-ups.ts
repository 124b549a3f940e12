// Views that nobody needs in memory, read from the log to judge one frame that claims to hold content of theirs.

import type { StreamName } from '../model/ids.js';
import type { ParsedUpdate } from './update-parser.js';
import type { ShownView } from './view-document.js';

/** Thrown while a frame is judged: it must be judged anew once `lookUp` has resolved. */
export class ViewsWanted extends Error {
  readonly lookUp: () => Promise<void>;

  constructor(lookUp: () => Promise<void>) {
    super('views must be looked up first');
    this.lookUp = lookUp;
  }
}

/** Of one frame; what claims to hold more of them is judged without. */
const maxLookUps = 1_000;
const nothing: ReadonlyMap<StreamName, ShownView | null> = new Map();

/**
 * ### Ordering
 * Frames of a connection wait while views are looked up for one of them. What was found serves that frame alone: it grows old.
 */
export class ViewLookUps {
  readonly #find: (stream: StreamName) => Promise<ShownView | null>;
  /** For the frame that is judged now, and for the one that is judged next. */
  #now = nothing;
  #next: ReadonlyMap<StreamName, ShownView | null> | null = null;

  constructor(find: (stream: StreamName) => Promise<ShownView | null>) {
    this.#find = find;
  }

  of(stream: StreamName): ShownView | null {
    return this.#now.get(stream) ?? null;
  }

  /** Begins with a frame. Throws `ViewsWanted` if `missing` names views for its client ids and none were looked up for it. */
  begin({ sections, deletes }: ParsedUpdate, missing: (client: number) => StreamName | null): void {
    const found = this.#next;
    this.#now = found ?? nothing;
    this.#next = null;
    if (found) return;
    let wanted: Set<StreamName> | null = null;
    for (const parts of [sections, deletes])
      for (const { client } of parts) {
        const stream = (wanted?.size ?? 0) < maxLookUps ? missing(client) : null;
        if (stream !== null) wanted = (wanted ?? new Set()).add(stream);
      }
    const streams = wanted;
    if (streams) throw new ViewsWanted(() => this.#lookUp(streams));
  }

  async #lookUp(streams: ReadonlySet<StreamName>): Promise<void> {
    const found = new Map<StreamName, ShownView | null>();
    for (const stream of streams) found.set(stream, await this.#find(stream));
    this.#next = found;
  }
}
