// Compares the projections' tables with a fresh build from the events, in a database in memory: the proof that they are caches (I3).

import Database from 'better-sqlite3';
import type { AnyProjection } from '../model/projection.js';
import { LogRefused, openForReading, sqlDatabase } from './connection.js';
import { fillProjection } from './projection-host.js';

export interface ProjectionDifference {
  readonly projection: string;
  readonly table: string;
  /** What differs, with the row where there is one. */
  readonly detail: string;
}

/** Differences per table and side that are reported. */
const maxDifferences = 20;

/** Rows that are in the database and should not be, or are missing there. Works on one snapshot, beside a running server. */
export const compareProjections = (
  file: string,
  projections: readonly AnyProjection[],
): readonly ProjectionDifference[] => {
  if (projections.length === 0) return [];
  // Refuses what is not a current Contrail database, with the proper message.
  openForReading(file).close();
  const db = new Database(':memory:');
  try {
    // Nothing below writes to it; better-sqlite3 has no URI names, so a read-only ATTACH cannot be asked for.
    db.prepare('ATTACH ? AS live').run(file);
    return db.transaction(() => projections.flatMap((projection) => compare(db, projection)))();
  } finally {
    db.close();
  }
};

const compare = (db: Database.Database, projection: AnyProjection): readonly ProjectionDifference[] => {
  const { name } = projection;
  const state = db.prepare('SELECT version, applied FROM live.projection WHERE name = ?').get(name) as
    | { readonly version: number; readonly applied: number }
    | undefined;
  if (state?.version !== projection.version) {
    const detail =
      state === undefined ? 'it was never filled' : `it has version ${state.version} instead of ${projection.version}`;
    return [
      { projection: name, table: projection.tables[0] ?? name, detail: `${detail}; a start or a rebuild fills it` },
    ];
  }
  db.exec(projection.schema);
  fillProjection(sqlDatabase(db), projection, {
    page: (work) => work(),
    onDamaged: () => {},
    upTo: state.applied,
  });
  return projection.tables.flatMap((table) => {
    if (!/^\w+$/.test(table)) throw new LogRefused(`"${table}" is not a table's name.`);
    const rows = (left: string, right: string) =>
      db.prepare(`SELECT * FROM ${left}.${table} EXCEPT SELECT * FROM ${right}.${table} LIMIT ${maxDifferences}`).all();
    const count = (schema: string) => Number(db.prepare(`SELECT count(*) FROM ${schema}.${table}`).pluck().get());
    const found = [
      ...rows('live', 'main').map((row) => `is there but does not follow from the events: ${JSON.stringify(row)}`),
      ...rows('main', 'live').map((row) => `follows from the events but is missing: ${JSON.stringify(row)}`),
    ];
    if (found.length === 0 && count('live') !== count('main')) {
      found.push(`has ${count('live')} rows instead of ${count('main')}`);
    }
    return found.map((detail) => ({ projection: name, table, detail }));
  });
};
