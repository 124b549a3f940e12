// Projections: tables for queries, computed from events alone (I3). Each folder with a read model keeps its own beside it; the
// log's writer folds events in inside the transaction that logs them.

import type { EventKind, LoggedEvent } from './events.js';

export type SqlValue = string | number | bigint | Uint8Array | null;
export interface SqlStatement {
  run(...values: readonly SqlValue[]): { readonly changes: number };
  get(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): unknown[];
  iterate(...values: readonly SqlValue[]): IterableIterator<unknown>;
}
/** The part of a SQLite database that projections and queries use; better-sqlite3 has this shape. */
export interface SqlDatabase {
  prepare(sql: string): SqlStatement;
  exec(sql: string): unknown;
}

/** What the log knows of every projection. */
export interface ProjectionTables {
  /** Names its tables too: every table begins with `<name>_` or is `<name>`. */
  readonly name: string;
  /** Raise it when `schema` or `apply` change: the projection is then dropped and refilled at start. */
  readonly version: number;
  /** `CREATE TABLE` and `CREATE INDEX` statements. */
  readonly schema: string;
  /** Names of its tables, for dropping and comparing. */
  readonly tables: readonly string[];
}

/** A projection that is never behind: folded in event by event, in the transaction that logs them. */
export interface Projection extends ProjectionTables {
  /** The kinds it wants; others never reach it. Leave `edit` out where you can: it is the hot path. */
  readonly kinds: readonly EventKind[];
  /** Prepares statements once and returns the function that folds in an event. Deterministic: same events, same rows. */
  open(db: SqlDatabase): (event: LoggedEvent) => void;
}

/**
 * A projection of what happens with every keystroke. A range of the log is folded in at once, by SQL, when some thousand events have come
 * since the last one, so that no edit pays for it. Its tables are therefore behind by a bounded number of events: whoever reads them adds,
 * on the same snapshot, what `eventsInRange` has after `appliedSql`.
 */
export interface LaggingProjection extends ProjectionTables {
  /** Prepares statements once and returns the function that folds in a range. The rows are the same however the log is cut into ranges. */
  openRange(db: SqlDatabase): (after: number, upTo: number) => void;
}

export type AnyProjection = Projection | LaggingProjection;

/** The log as lagging projections see it. Its two places: ids greater than the first, up to the second. */
export const eventsInRange = `SELECT id, stream, seq, at, actor, kind, coalesce(length(payload), 0) AS bytes FROM event
  WHERE id > ? AND id <= ?`;
/** The id of the last event that the projection of a name has taken in. */
export const appliedSql = 'SELECT applied FROM projection WHERE name = ?';

/** Runs several reads on one snapshot, so that a commit of the writer cannot fall between them. Not to be nested. */
export const onOneSnapshot = <Result>(db: SqlDatabase, read: () => Result): Result => {
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
};
