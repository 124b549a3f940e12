// Who edited what, how much and when: running totals for the statistics. Edits are the hot path, so it lags behind and takes in thousands
// of events at once (model/projection.ts); editing-statistics.ts adds what it does not know yet.

import { systemActor } from '../model/ids.js';
import { eventsInRange, type LaggingProjection } from '../model/projection.js';

/** How many whole hours before the newest one stay counted by the hour. */
export const hoursKept = 24;
export const hourMs = 3_600_000;

/** Members that documents' events of one range add up to, by document, person and hour. `created` brings bytes where it has a seed, and is no edit. */
export const editingInRange = `SELECT substr(stream, 5) AS document, actor, at / ${hourMs} AS hour,
    sum(kind <> 'created') AS edits, sum(bytes) AS bytes
  FROM (${eventsInRange})
  WHERE kind IN ('created', 'edit', 'undo', 'redo', 'restored') AND substr(stream, 1, 4) = 'doc/'
  GROUP BY document, actor, hour`;

export interface Editing {
  readonly document: string;
  readonly actor: string;
  /** Hours since 1970. */
  readonly hour: number;
  readonly edits: number;
  readonly bytes: number;
}

const schema = `
CREATE TABLE editing_total (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  newest_hour INTEGER NOT NULL,
  edits INTEGER NOT NULL,
  editors INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE editing_document (
  document TEXT PRIMARY KEY,
  edits INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX editing_document_bytes ON editing_document (bytes DESC, document);
CREATE TABLE editing_person (
  actor TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE editing_hour (
  document TEXT NOT NULL,
  hour INTEGER NOT NULL,
  actor TEXT NOT NULL,
  edits INTEGER NOT NULL,
  PRIMARY KEY (document, hour, actor)
) STRICT, WITHOUT ROWID;
`;

export const editingSql = {
  newestHour: 'SELECT newest_hour AS hour FROM editing_total WHERE one = 1',
  addTotal: `INSERT INTO editing_total VALUES (1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET newest_hour = excluded.newest_hour,
    edits = edits + excluded.edits, editors = editors + excluded.editors, bytes = bytes + excluded.bytes`,
  addDocument: `INSERT INTO editing_document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
    edits = edits + excluded.edits, bytes = bytes + excluded.bytes`,
  addPerson: 'INSERT INTO editing_person VALUES (?) ON CONFLICT DO NOTHING',
  addHour: `INSERT INTO editing_hour VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET edits = edits + excluded.edits`,
  /** Walks them all, once an hour. */
  forgetHours: 'DELETE FROM editing_hour WHERE hour < ?',
} as const;

export const editingProjection: LaggingProjection = {
  name: 'editing',
  version: 1,
  schema,
  tables: ['editing_total', 'editing_document', 'editing_person', 'editing_hour'],
  openRange(db) {
    const [inRange, addTotal, addDocument] = [
      db.prepare(editingInRange),
      db.prepare(editingSql.addTotal),
      db.prepare(editingSql.addDocument),
    ];
    const [newestHour, addPerson, addHour, forgetHours] = [
      db.prepare(editingSql.newestHour),
      db.prepare(editingSql.addPerson),
      db.prepare(editingSql.addHour),
      db.prepare(editingSql.forgetHours),
    ];
    return (after, upTo) => {
      const total = { edits: 0, editors: 0, bytes: 0 };
      const rows = inRange.all(after, upTo) as Editing[];
      const before = (newestHour.get() as { readonly hour: number } | undefined)?.hour ?? 0;
      const newest = rows.reduce((max, { hour, edits }) => (edits > 0 ? Math.max(max, hour) : max), before);
      for (const row of rows) {
        total.edits += row.edits;
        total.bytes += row.bytes;
        addDocument.run(row.document, row.edits, row.bytes);
        if (row.edits === 0) continue;
        if (row.hour >= newest - hoursKept) addHour.run(row.document, row.hour, row.actor, row.edits);
        if (row.actor !== systemActor) total.editors += addPerson.run(row.actor).changes;
      }
      addTotal.run(newest, total.edits, total.editors, total.bytes);
      if (newest > before) forgetHours.run(newest - hoursKept);
    };
  },
};
