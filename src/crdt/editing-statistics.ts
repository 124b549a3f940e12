// Figures about all documents: the running totals of editing-projection.ts, and the bounded rest of the log that these do not know yet. Exact
// at the moment of the question, at a cost that does not grow with the log.

import { systemActor } from '../model/ids.js';
import { appliedSql, onOneSnapshot, type SqlDatabase } from '../model/projection.js';
import { type Clock, formatTime } from '../model/time.js';
import type { Documents } from './documents.js';
import { editingInRange, editingProjection, hourMs, hoursKept } from './editing-projection.js';
import type { Locks } from './locks.js';
import type { Rooms } from './rooms.js';

export interface LargeDocument {
  readonly documentId: string;
  readonly title: string;
  readonly ownerId: string;
  /** What its updates weigh in the log, from the first on. */
  readonly bytes: number;
  readonly edits: number;
}

export interface BusyDocument {
  readonly documentId: string;
  readonly title: string;
  readonly ownerId: string;
  /** Within the window. */
  readonly edits: number;
  /** Different people who made these; the server itself is none. */
  readonly editors: number;
}

/** Edits are events of the kinds `edit`, `undo`, `redo` and `restored`. */
export interface CollaborativeStatistics {
  /** Documents that are not deleted; of these, in memory, and locked. */
  readonly documents: { readonly total: number; readonly open: number; readonly locked: number };
  /** People who have a document open. */
  readonly activeUsers: number;
  /** All that are in the log, those of deleted documents included. */
  readonly edits: number;
  /** Different people who made these; the server itself is none. */
  readonly editors: number;
  /** What the updates of all documents weigh in the log. */
  readonly bytes: number;
  /** At most ten that are not deleted, the largest first. */
  readonly largest: readonly LargeDocument[];
  /** At most ten that are not deleted and were edited within the window, the busiest first. */
  readonly busiest: readonly BusyDocument[];
  /** What `busiest` counts: the last 24 hours, from the beginning of an hour on, and what the newest one has so far. RFC 3339. */
  readonly window: { readonly since: string; readonly hours: number };
}

const listed = 10;

/** Each begins with the places of `eventsInRange`; the third is the hour since which `busiest` counts. */
export const editingStatisticsSql = {
  totals: `WITH tail AS MATERIALIZED (${editingInRange})
    SELECT coalesce((SELECT edits FROM editing_total WHERE one = 1), 0) + coalesce(sum(edits), 0) AS edits,
      coalesce((SELECT bytes FROM editing_total WHERE one = 1), 0) + coalesce(sum(bytes), 0) AS bytes,
      coalesce((SELECT editors FROM editing_total WHERE one = 1), 0)
        + count(DISTINCT CASE WHEN edits > 0 AND actor <> '${systemActor}'
            AND NOT EXISTS (SELECT 1 FROM editing_person p WHERE p.actor = tail.actor) THEN actor END) AS editors
    FROM tail`,
  largest: `WITH tail AS MATERIALIZED (
      SELECT document, sum(edits) AS edits, sum(bytes) AS bytes FROM (${editingInRange}) GROUP BY document),
    candidate AS MATERIALIZED (
      SELECT document FROM (
        SELECT e.document FROM editing_document e CROSS JOIN document d ON d.id = e.document
        WHERE d.deleted_at IS NULL ORDER BY e.bytes DESC, e.document LIMIT ${listed})
      UNION SELECT document FROM tail)
    SELECT d.id AS documentId, d.title, d.owner AS ownerId,
      coalesce(e.bytes, 0) + coalesce(t.bytes, 0) AS bytes, coalesce(e.edits, 0) + coalesce(t.edits, 0) AS edits
    FROM candidate c CROSS JOIN document d ON d.id = c.document
      LEFT JOIN editing_document e ON e.document = c.document LEFT JOIN tail t ON t.document = c.document
    WHERE d.deleted_at IS NULL ORDER BY bytes DESC, documentId LIMIT ${listed}`,
  busiest: `WITH tail AS MATERIALIZED (${editingInRange}),
    since AS (SELECT ? AS hour),
    sums AS (
      SELECT document, sum(edits) AS edits FROM editing_hour WHERE hour >= (SELECT hour FROM since) GROUP BY document
      UNION ALL SELECT document, edits FROM tail WHERE hour >= (SELECT hour FROM since) AND edits > 0),
    busy AS MATERIALIZED (SELECT document, sum(edits) AS edits FROM sums GROUP BY document),
    top AS MATERIALIZED (
      SELECT d.id, d.title, d.owner, b.edits FROM busy b CROSS JOIN document d ON d.id = b.document
      WHERE d.deleted_at IS NULL ORDER BY b.edits DESC, d.id LIMIT ${listed})
    SELECT id AS documentId, title, owner AS ownerId, edits, (
      SELECT count(*) FROM (
        SELECT actor FROM editing_hour h WHERE h.document = top.id AND hour >= (SELECT hour FROM since)
        UNION SELECT actor FROM tail WHERE tail.document = top.id AND hour >= (SELECT hour FROM since) AND edits > 0)
      WHERE actor <> '${systemActor}') AS editors
    FROM top ORDER BY edits DESC, id`,
} as const;

export interface EditingFigures extends Pick<CollaborativeStatistics, 'edits' | 'editors' | 'bytes'> {
  readonly largest: readonly LargeDocument[];
  readonly busiest: readonly BusyDocument[];
}

/** Returns the function that reads the figures, `busiest` from an hour since 1970 on. */
export const editingReader = (db: SqlDatabase): ((sinceHour: number) => EditingFigures) => {
  const applied = db.prepare(appliedSql);
  const totals = db.prepare(editingStatisticsSql.totals);
  const largest = db.prepare(editingStatisticsSql.largest);
  const busiest = db.prepare(editingStatisticsSql.busiest);
  return (sinceHour) =>
    onOneSnapshot(db, () => {
      const state = applied.get(editingProjection.name) as { readonly applied: number } | undefined;
      const range = [state?.applied ?? 0, Number.MAX_SAFE_INTEGER] as const;
      return {
        ...(totals.get(...range) as Pick<EditingFigures, 'edits' | 'editors' | 'bytes'>),
        largest: largest.all(...range) as LargeDocument[],
        busiest: busiest.all(...range, sinceHour) as BusyDocument[],
      };
    });
};

export interface StatisticsParts {
  readonly db: SqlDatabase;
  readonly documents: Documents;
  readonly rooms: Rooms;
  readonly locks: Locks;
  readonly clock: Clock;
}

/** Returns the function that answers the figures as of now. */
export const collaborativeStatistics = ({
  db,
  documents,
  rooms,
  locks,
  clock,
}: StatisticsParts): (() => CollaborativeStatistics) => {
  const read = editingReader(db);
  return () => {
    const sinceHour = Math.floor(clock.now() / hourMs) - hoursKept;
    const active = new Set([...rooms.all()].flatMap(({ sessions }) => [...sessions].map(({ actor }) => actor.userId)));
    return {
      documents: { total: documents.count, open: rooms.size, locked: locks.size },
      activeUsers: active.size,
      ...read(sinceHour),
      window: { since: formatTime(sinceHour * hourMs), hours: hoursKept },
    };
  };
};
