// Projections: tables for queries, computed from events alone (I3). Each folder with a read model keeps its own beside it; the
// log's writer runs `apply` inside the transaction that logs the event, so a projection is never behind or ahead.

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

export interface Projection {
  /** Names its tables too: every table begins with `<name>_` or is `<name>`. */
  readonly name: string;
  /** Raise it when `schema` or `apply` change: the projection is then dropped and refilled at start. */
  readonly version: number;
  /** `CREATE TABLE` and `CREATE INDEX` statements. */
  readonly schema: string;
  /** Names of its tables, for dropping and comparing. */
  readonly tables: readonly string[];
  /** The kinds it wants; others never reach it. Leave `edit` out where you can: it is the hot path. */
  readonly kinds: readonly EventKind[];
  /** Prepares statements once and returns the function that folds in an event. Deterministic: same events, same rows. */
  open(db: SqlDatabase): (event: LoggedEvent) => void;
}
