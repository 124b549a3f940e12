// What the command line does to whole databases: rebuild the projections, copy a database while a server uses it, and put a copy in its
// place.

import { existsSync, linkSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { AnyProjection } from '../model/projection.js';
import { type Clock, systemClock } from '../model/time.js';
import { LogRefused, openForWriting, settleJournal, sqlDatabase } from './connection.js';
import { takeOwnerLock } from './owner-lock.js';
import { type OnDamaged, rebuildProjection, refreshProjections } from './projection-host.js';
import { companions } from './staged-file.js';
import { applicationId, writeStatements } from './statements.js';
import { rebuildStreamIndex } from './stream-index.js';

export interface RebuildProjectionsOptions {
  readonly onDamaged?: OnDamaged;
  readonly onProgress?: (part: number, projection: string) => void;
  readonly clock?: Clock;
}

/** Drops the projections and the index of streams, and fills them from the events, in one transaction. Refuses while a server uses the database. */
export const rebuildProjections = (
  file: string,
  projections: readonly AnyProjection[],
  { onDamaged = () => {}, onProgress = () => {}, clock = systemClock }: RebuildProjectionsOptions = {},
): void => {
  const lock = takeOwnerLock(file, clock);
  try {
    const db = openForWriting(file, 'full');
    try {
      db.exec(writeStatements.begin);
      rebuildStreamIndex(db);
      for (const [index, projection] of projections.entries()) {
        rebuildProjection(sqlDatabase(db), projection, {
          onDamaged,
          onPage: (part) => onProgress((index + part) / projections.length, projection.name),
          transaction: (work) => work(),
        });
      }
      db.exec(writeStatements.commit);
    } finally {
      // Without a commit, closing rolls back.
      db.close();
    }
  } finally {
    lock.release();
  }
};

/** Pages copied before other work gets a turn: a few megabytes. */
const pagesPerStep = 1_024;

/**
 * Copies a database to a new file, as of one moment, while a server goes on. The copy is one file that needs no companions. Resolves with its
 * size in pages.
 */
export const copyDatabase = async (
  file: string,
  to: string,
  onProgress: (part: number) => void = () => {},
): Promise<number> => {
  const db = openAny(file);
  try {
    // The snapshot that is copied. Without it each commit of the server's would make SQLite begin again, and it might never end.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    const { totalPages } = await db.backup(to, {
      progress: ({ totalPages: total, remainingPages }) => {
        onProgress(total === 0 ? 0 : 1 - remainingPages / total);
        return pagesPerStep;
      },
    });
    asSingleFile(to);
    return totalPages;
  } finally {
    db.close();
  }
};

/** Any Contrail database, also one of an older or a newer schema. */
const openAny = (file: string): Database.Database => {
  if (!existsSync(file)) throw new LogRefused(`${file} does not exist.`);
  settleJournal(file);
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    if (db.pragma('application_id', { simple: true }) === applicationId) return db;
    throw new LogRefused(`${file} is not a Contrail database.`);
  } catch (error) {
    db.close();
    throw error;
  }
};

/** A database in WAL mode wants companions wherever it is opened; whoever opens it for writing turns WAL on again. */
export const asSingleFile = (file: string): void => {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = DELETE');
  } finally {
    db.close();
  }
};

/** Brings a copy that nobody uses up to this Contrail: migrations, and projections of another version. */
export const upgradeCopy = (file: string, projections: readonly AnyProjection[]): void => {
  const db = openForWriting(file, 'full');
  try {
    refreshProjections(sqlDatabase(db), projections, () => {});
  } finally {
    db.close();
  }
  asSingleFile(file);
};

/**
 * Keeps the database that is about to be replaced under another name and leaves none of its companions behind: a write-ahead log that
 * outlived its database would be played into the next one. To be called with the owner's lock held.
 */
export const setAside = (file: string, as: string): void => {
  try {
    openForWriting(file, 'full').close();
  } catch {
    // Too damaged to be opened: what there is of it is kept as it is.
  }
  for (const ending of ['-wal', '-journal', ''] as const)
    if (existsSync(`${file}${ending}`)) linkSync(`${file}${ending}`, `${as}${ending}`);
  for (const ending of companions) rmSync(`${file}${ending}`, { force: true });
};
