// Hosts the projections in the writer's transaction, and fills those that are new or whose version changed from the log. What a
// projection holds is its own folder's business.

import type { EventKind, LoggedEvent } from '../model/events.js';
import type { AnyProjection, LaggingProjection, Projection, SqlDatabase } from '../model/projection.js';
import { type EventRow, eventOfRow, rowIsIntact } from './event-record.js';
import { LaggingFolds } from './lagging-folds.js';
import { projectionNames, readStatements, writeStatements } from './statements.js';

type Apply = (event: LoggedEvent) => void;

/** The open projections, by the kinds that they want. */
export class ProjectionHost {
  readonly #byKind: ReadonlyMap<string, readonly Apply[]>;
  /** Those that take in ranges of the log now and then. */
  readonly lagging: LaggingFolds;

  constructor(db: SqlDatabase, projections: readonly AnyProjection[], mostLagging?: number) {
    const byKind = new Map<string, Apply[]>();
    this.lagging = new LaggingFolds(db, projections.filter(isLagging), mostLagging);
    for (const projection of projections) {
      if (isLagging(projection)) continue;
      const apply = projection.open(db);
      for (const kind of projection.kinds) {
        const all = byKind.get(kind) ?? [];
        all.push(apply);
        byKind.set(kind, all);
      }
    }
    this.#byKind = byKind;
  }

  wants(kind: string): boolean {
    return this.#byKind.has(kind);
  }

  apply(event: LoggedEvent): void {
    for (const apply of this.#byKind.get(event.kind) ?? []) apply(event);
  }
}

const isLagging = (projection: AnyProjection): projection is LaggingProjection => 'openRange' in projection;

/** Kinds as the SQL filter wants them: `,edit,undo,`. */
export const kindsText = (kinds: readonly EventKind[]): string => `,${kinds.join(',')},`;

const pageEvents = 1_000;
const rangeIds = 50_000;

/** Called for an event that cannot be read while a projection is filled. It is left out: its stream alone is affected. */
export type OnDamaged = (stream: string, seq: number) => void;

type RunPage = (work: () => void) => void;
/** Called after each page with how far the events are through, in parts of 1. */
type OnPage = (part: number) => void;

interface FillOptions {
  readonly page: RunPage;
  readonly onDamaged: OnDamaged;
  readonly onPage?: OnPage;
  /** Where a lagging projection is to end, unless at the last event. */
  readonly upTo?: number;
}

/** Folds all logged events that the projection wants into it, a page at a time; returns the id of the last event seen. */
export const fillProjection = (db: SqlDatabase, projection: AnyProjection, options: FillOptions): number => {
  const last = (db.prepare(readStatements.lastId).get() as { readonly id: number } | undefined)?.id ?? 0;
  return isLagging(projection)
    ? fillByRanges(db, projection, { ...options, upTo: options.upTo ?? last })
    : fillByEvents(db, projection, { ...options, upTo: last });
};

const fillByRanges = (
  db: SqlDatabase,
  projection: LaggingProjection,
  { page, onPage, upTo }: FillOptions & { readonly upTo: number },
): number => {
  const fold = projection.openRange(db);
  for (let after = 0; after < upTo; after += rangeIds) {
    const end = Math.min(after + rangeIds, upTo);
    page(() => fold(after, end));
    onPage?.(end / upTo);
  }
  return upTo;
};

const fillByEvents = (
  db: SqlDatabase,
  projection: Projection,
  { upTo: last, ...options }: FillOptions & { readonly upTo: number },
): number => {
  const events = db.prepare(readStatements.eventsOfKindsAfter);
  const kinds = kindsText(projection.kinds);
  const apply = projection.open(db);
  for (let after = 0; ; ) {
    const rows = events.all(after, last, kinds, pageEvents) as EventRow[];
    options.page(() => {
      for (const row of rows) {
        if (rowIsIntact(row)) apply(eventOfRow(row));
        else options.onDamaged(row.stream, row.seq);
      }
    });
    const lastRow = rows.at(-1);
    options.onPage?.(lastRow && rows.length === pageEvents ? lastRow.id / last : 1);
    if (!lastRow || rows.length < pageEvents) return last;
    after = lastRow.id;
  }
};

export interface RebuildOptions {
  readonly onDamaged: OnDamaged;
  readonly onPage?: OnPage;
  /** Runs a piece of the work in a transaction of its own, unless the caller holds one around all of it. */
  readonly transaction?: RunPage;
}

/** Drops the projection's tables and fills them again. A crash on the way leaves it marked as missing, so it is filled at the next start. */
export const rebuildProjection = (
  db: SqlDatabase,
  projection: AnyProjection,
  { onDamaged, onPage = () => {}, transaction = inTransaction(db) }: RebuildOptions,
): void => {
  transaction(() => {
    db.prepare(writeStatements.forgetProjection).run(projection.name);
    for (const table of projection.tables) db.exec(`DROP TABLE IF EXISTS ${table}`);
    db.exec(projection.schema);
  });
  const applied = fillProjection(db, projection, { page: transaction, onDamaged, onPage });
  transaction(() => {
    db.prepare(writeStatements.insertProjection).run(projection.name, projection.version, applied);
  });
};

const inTransaction =
  (db: SqlDatabase): RunPage =>
  (work) => {
    db.exec(writeStatements.begin);
    try {
      work();
      db.exec(writeStatements.commit);
    } catch (error) {
      db.exec(writeStatements.rollback);
      throw error;
    }
  };

/**
 * Makes the projections' tables current: those missing, half filled or of another version are rebuilt. One that is not in the list is
 * forgotten (its tables stay), so that it is rebuilt should it come back after events that it did not see. Returns the names rebuilt.
 */
export const refreshProjections = (
  db: SqlDatabase,
  projections: readonly AnyProjection[],
  onDamaged: OnDamaged,
): readonly string[] => {
  const names = new Set(projections.map((projection) => projection.name));
  for (const row of db.prepare(projectionNames).all() as { readonly name: string }[]) {
    if (!names.has(row.name)) db.prepare(writeStatements.forgetProjection).run(row.name);
  }
  const state = db.prepare(readStatements.projectionState);
  const rebuilt: string[] = [];
  for (const projection of projections) {
    const known = state.get(projection.name) as { readonly version: number } | undefined;
    if (known?.version === projection.version) continue;
    rebuildProjection(db, projection, { onDamaged });
    rebuilt.push(projection.name);
  }
  return rebuilt;
};
