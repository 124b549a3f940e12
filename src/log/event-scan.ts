// Goes through all events in order of id, past pages of the database that cannot be read any more: there it looks for each event by itself,
// and afterwards for the names of those that are lost. For `contrail verify` alone.

import type Database from 'better-sqlite3';
import type { EventRow } from './event-record.js';
import { highestId, readStatements, verifyStatements } from './statements.js';

export interface LostEvent {
  readonly id: number;
  /** Where it stood, as far as the index knows. */
  readonly stream: string | null;
  readonly seq: number | null;
  readonly detail: string;
}

const pageEvents = 1_000;

export class EventScan {
  readonly #db: Database.Database;
  readonly #lost = new Map<number, { readonly detail: string; readonly row: EventRow | null }>();
  readonly #page;
  readonly #one;
  readonly lastId: number;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#page = db.prepare<unknown[]>(readStatements.eventsOfAllAfter);
    this.#one = db.prepare<unknown[]>(verifyStatements.eventById);
    this.lastId = Math.max(
      numberOr(0, () => db.prepare(readStatements.lastId).pluck().get()),
      numberOr(0, () => db.prepare(highestId).pluck().get()),
    );
  }

  *pages(): Generator<readonly EventRow[], void> {
    for (let after = 0; ; ) {
      const { rows, next } = this.#next(after);
      if (rows.length > 0) yield rows;
      if (next === null) return;
      after = next;
    }
  }

  /** Counts a row that was read and is not what was once written. */
  addDamaged(row: EventRow): void {
    this.#lost.set(row.id, { detail: `event ${row.id} does not match its crc`, row });
  }

  /** The events that are damaged or could not be read, once all pages were seen. What a damaged row says of itself counts only where the index knows nothing. */
  lost(): readonly LostEvent[] {
    if (this.#lost.size === 0) return [];
    const places = new Map<number, EventRow>();
    let isIndexWhole = true;
    try {
      for (const row of this.#db.prepare(verifyStatements.places).iterate() as IterableIterator<EventRow>) {
        if (this.#lost.has(row.id)) places.set(row.id, row);
      }
    } catch {
      isIndexWhole = false;
    }
    const indexed = numberOr(0, () => this.#db.prepare(readStatements.indexed).pluck().get());
    const lost: LostEvent[] = [];
    for (const [id, { detail, row }] of this.#lost) {
      const place = places.get(id) ?? row;
      // An id that cannot be read, and that the index should know and does not, was truncated away long ago.
      if (!place && isIndexWhole && id <= indexed) continue;
      const { stream, seq } = place ?? { stream: null, seq: null };
      lost.push({
        id,
        stream: typeof stream === 'string' ? stream : null,
        seq: Number.isSafeInteger(seq) ? seq : null,
        detail,
      });
    }
    return lost;
  }

  #next(after: number): { readonly rows: readonly EventRow[]; readonly next: number | null } {
    try {
      const rows = this.#page.all(after, pageEvents) as EventRow[];
      return { rows, next: rows.at(-1)?.id ?? null };
    } catch {
      return this.#oneByOne(after);
    }
  }

  #oneByOne(after: number): { readonly rows: readonly EventRow[]; readonly next: number | null } {
    const rows: EventRow[] = [];
    const through = Math.min(this.lastId, after + pageEvents);
    for (let id = after + 1; id <= through; id += 1) {
      try {
        const row = this.#one.get(id) as EventRow | undefined;
        if (row) rows.push(row);
      } catch {
        this.#lost.set(id, { detail: `event ${id} cannot be read: its page is damaged`, row: null });
      }
    }
    return { rows, next: through < this.lastId ? through : null };
  }
}

const numberOr = (otherwise: number, read: () => unknown): number => {
  try {
    const value = Number(read() ?? otherwise);
    // A damaged counter must not send the search to the end of the numbers.
    return Number.isSafeInteger(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
};
