// Drops events of streams that a checkpoint has cut short: those of a short stream at once, those of a longer one a few with each batch. An inbox's
// events lie between everybody's edits, each in another page, and 200 of them in one transaction kept edits waiting for 5 ms and more.
//
// ### Failure
// What still waits is known in memory alone. A server that was killed leaves such events behind: the stream's next checkpoint takes them along, and
// until then they are what they were before, events older than a checkpoint.

import type Database from 'better-sqlite3';
import { writeStatements } from './statements.js';

/** So many go with the checkpoint itself. */
const atOnce = 16;
/** So many go with each batch, besides as many as it brings, so that what waits shrinks while views change; no more than the last, so that a huge batch stays as it is. */
const leastPerBatch = 4;
const mostPerBatch = 256;

export class Truncation {
  readonly #atOnce: number;
  /** Streams whose events below a seq are still to go, the longest waiting first. */
  readonly #waiting = new Map<string, number>();
  readonly #sql;

  constructor(db: Database.Database, most = atOnce) {
    this.#atOnce = most;
    const prepare = (sql: string) => db.prepare<unknown[]>(sql);
    this.#sql = {
      oldest: prepare(writeStatements.oldestIndexed),
      dropEvent: prepare(writeStatements.dropEvent),
      dropIndexed: prepare(writeStatements.dropIndexed),
      dropUnindexed: prepare(writeStatements.dropUnindexed),
    };
  }

  /** Drops the stream's events below `seq`, or begins to. To be called in a transaction that has inserted all events before it. */
  cut(stream: string, seq: number): void {
    if (this.#drop(stream, seq, this.#atOnce)) this.#waiting.delete(stream);
    else this.#waiting.set(stream, seq);
  }

  /** Goes on with what waits. To be called in a transaction that has inserted its `events`. */
  follow(events: number): void {
    for (const [stream, seq] of this.#waiting) {
      if (this.#drop(stream, seq, Math.min(mostPerBatch, leastPerBatch + events))) this.#waiting.delete(stream);
      return;
    }
  }

  /** Drops all that waits. To be called in a transaction. */
  catchUp(): void {
    for (const [stream, seq] of this.#waiting) this.#drop(stream, seq, Number.POSITIVE_INFINITY);
    this.#waiting.clear();
  }

  /** The transaction was rolled back, perhaps with a checkpoint that something waits on. */
  forget(): void {
    this.#waiting.clear();
  }

  /** Drops the oldest `most` of them; whether none is left. */
  #drop(stream: string, seq: number, most: number): boolean {
    // A negative limit is none.
    const rows = this.#sql.oldest.all(stream, seq, Number.isFinite(most) ? most : -1) as { seq: number; id: number }[];
    for (const { id } of rows) this.#sql.dropEvent.run(id);
    const last = rows.at(-1);
    if (last) this.#sql.dropIndexed.run(stream, last.seq);
    if (rows.length >= most) return false;
    this.#sql.dropUnindexed.run(stream, seq);
    return true;
  }
}
