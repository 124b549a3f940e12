// The lagging projections of the writer: taken up from the table `event` some thousand events at a time, since edits of many
// documents at once then share pages and statements.
//
// Damaged events are counted as they stand: such a projection reads columns, and checks no crc.

import { appliedSql, type LaggingProjection, type SqlDatabase } from '../model/projection.js';
import { writeStatements } from './statements.js';

/** Adding up this many events takes the writer 3 ms, which keystrokes wait for, and a reader as long. */
const mostLagging = 2_000;

export class LaggingFolds {
  readonly #most: number;
  readonly #folds;
  readonly #read;
  readonly #note;
  /** The oldest of what they have taken in. */
  #applied = 0;

  constructor(db: SqlDatabase, projections: readonly LaggingProjection[], most = mostLagging) {
    this.#most = most;
    this.#folds = projections.map((projection) => ({ name: projection.name, fold: projection.openRange(db) }));
    this.#read = db.prepare(appliedSql);
    this.#note = db.prepare(writeStatements.noteApplied);
    this.forget();
  }

  /** Takes up all events if too many are not. To be called in a transaction that has inserted them. */
  follow(lastId: number): void {
    if (lastId - this.#applied >= this.#most) this.catchUp(lastId);
  }

  /** Takes up all events. To be called in a transaction. */
  catchUp(lastId: number): void {
    for (const { name, fold } of this.#folds) {
      const applied = this.#appliedOf(name);
      if (applied >= lastId) continue;
      fold(applied, lastId);
      this.#note.run(lastId, name);
    }
    this.#applied = lastId;
  }

  /** The transaction was rolled back. */
  forget(): void {
    this.#applied = Math.min(...this.#folds.map(({ name }) => this.#appliedOf(name)), Number.MAX_SAFE_INTEGER);
  }

  #appliedOf(name: string): number {
    return (this.#read.get(name) as { readonly applied: number } | undefined)?.applied ?? 0;
  }
}
