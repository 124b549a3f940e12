// The index of events by stream and seq: a cache of the table `event` that lags behind by a bounded number of events. Readers look through
// what it does not know yet (statements.ts).
//
// An index that follows every commit dirties one page per room in it, each of which is written and summed up: half of what an append
// costs (docs/decisions/stream-index.md). Some hundred events at once share these pages.
//
// ### Failure
// Two events of one stream with the same seq violate its primary key: a broken invariant, reported as the batch's failure.

import type Database from 'better-sqlite3';
import { forgetIndex, readStatements, writeStatements } from './statements.js';

/** Looking through this many events takes a reader about 25 µs; indexing them takes the writer a millisecond, which keystrokes wait for. */
export const mostUnindexed = 500;

export class StreamIndex {
  readonly #most: number;
  readonly #read;
  readonly #fill;
  readonly #note;
  #upTo = 0;

  constructor(db: Database.Database, most = mostUnindexed) {
    this.#most = most;
    this.#read = db.prepare<unknown[]>(readStatements.indexed).pluck();
    this.#fill = db.prepare<unknown[]>(writeStatements.indexEvents);
    this.#note = db.prepare<unknown[]>(writeStatements.setIndexed);
    this.forget();
  }

  /** Indexes all events if too many are not. To be called in a transaction that has inserted them. */
  follow(lastId: number): void {
    if (lastId - this.#upTo >= this.#most) this.#catchUp(lastId);
  }

  /** Indexes all events. To be called in a transaction. */
  catchUp(lastId: number): void {
    if (lastId > this.#upTo) this.#catchUp(lastId);
  }

  /** The transaction was rolled back. */
  forget(): void {
    this.#upTo = Number(this.#read.get() ?? 0);
  }

  #catchUp(lastId: number): void {
    this.#fill.run(lastId);
    this.#note.run(lastId);
    this.#upTo = lastId;
  }
}

/** Drops the index and fills it from the events, in a transaction of its own. */
export const rebuildStreamIndex = (db: Database.Database): void => {
  db.transaction(() => {
    db.exec(forgetIndex);
    const lastId = Number(db.prepare(readStatements.lastId).pluck().get() ?? 0);
    new StreamIndex(db).catchUp(lastId);
  }).immediate();
};
