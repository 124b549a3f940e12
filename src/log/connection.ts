// SQLite connections of the log: the one that writes and the ones that read, their pragmas, and the checks at start. No SQL of the log
// itself (statements.ts).

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { SqlDatabase, SqlValue } from '../model/projection.js';
import { applicationId, migrations as currentMigrations } from './statements.js';

export type Durability = 'full' | 'normal';

/** The first SQLite whose WAL cannot be corrupted by a checkpoint that races with a reset of the log. */
export const oldestSqlite = '3.51.3';
const busyTimeoutMs = 5_000;
/** Pages of the write-ahead log before it is copied back: often touched pages are then copied once instead of many times. */
const walPages = 4_000;
const walKeptBytes = 64 * 1024 * 1024;
const synchronousLevel: Record<Durability, number> = { normal: 1, full: 2 };

/** The database cannot be opened as asked; the message says why, for the person who starts the server. */
export class LogRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogRefused';
  }
}

/** Another process has the database; the message names it. */
export class LogInUse extends LogRefused {}

const versionNumber = (version: string): number => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 1_000_000 + minor * 1_000 + patch;
};

export const assertSqliteVersion = (version: string): void => {
  if (versionNumber(version) >= versionNumber(oldestSqlite)) return;
  throw new LogRefused(`SQLite ${version} is too old: Contrail needs ${oldestSqlite} or newer.`);
};

const pragmaNumber = (db: Database.Database, name: string): number => Number(db.pragma(name, { simple: true }));

const guard = (db: Database.Database): void => {
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('mmap_size = 0');
};

const open = (file: string, options: Database.Options): Database.Database => {
  const db = new Database(file, { ...options, timeout: busyTimeoutMs });
  try {
    assertSqliteVersion(String(db.prepare('SELECT sqlite_version()').pluck().get()));
    guard(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Brings the tables up to date. Refuses a database of another program and one that a newer Contrail has written. */
export const migrate = (db: Database.Database, migrations: readonly string[] = currentMigrations): void => {
  const owner = pragmaNumber(db, 'application_id');
  const version = pragmaNumber(db, 'user_version');
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (owner !== applicationId && (owner !== 0 || tables > 0)) {
    throw new LogRefused(`${db.name} is not a Contrail database.`);
  }
  if (version > migrations.length) {
    throw new LogRefused(
      `${db.name} was written by a newer Contrail (schema ${version}, this one knows ${migrations.length}). Upgrade Contrail to open it.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
};

/** Opens the writing connection; creates the database and its folder where they are missing. */
export const openForWriting = (file: string, durability: Durability): Database.Database => {
  mkdirSync(dirname(file), { recursive: true });
  const db = open(file, {});
  try {
    if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
      throw new LogRefused(`${file} cannot use a write-ahead log; is it on a network file system?`);
    }
    db.pragma(`synchronous = ${durability}`);
    db.pragma(`fullfsync = ${durability === 'full' ? 'ON' : 'OFF'}`);
    db.pragma(`wal_autocheckpoint = ${walPages}`);
    db.pragma(`journal_size_limit = ${walKeptBytes}`);
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/**
 * To be called after the first write: better-sqlite3 compiles SQLite so that a database in WAL mode falls back to `synchronous=NORMAL`,
 * which loses commits in a power cut. An explicit setting wins, and this proves that it did.
 */
export const assertDurability = (db: Database.Database, durability: Durability): void => {
  const level = pragmaNumber(db, 'synchronous');
  if (level === synchronousLevel[durability]) return;
  throw new LogRefused(`SQLite runs with synchronous=${level} after the first write instead of ${durability}.`);
};

/**
 * Ends what a killed process has begun: a rollback journal (there is one only while a database that is a single file turns to a write-ahead log)
 * is played back by whoever may write, and hinders those who may only read.
 */
export const settleJournal = (file: string): void => {
  if (!existsSync(`${file}-journal`)) return;
  const db = new Database(file, { timeout: busyTimeoutMs });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
  } finally {
    db.close();
  }
};

/** Opens a connection that can only read; the database must exist. */
export const openForReading = (file: string): Database.Database => {
  if (!existsSync(file)) throw new LogRefused(`${file} does not exist.`);
  settleJournal(file);
  const db = open(file, { readonly: true, fileMustExist: true });
  try {
    if (pragmaNumber(db, 'application_id') !== applicationId) {
      throw new LogRefused(`${file} is not a Contrail database.`);
    }
    const version = pragmaNumber(db, 'user_version');
    if (version !== currentMigrations.length) {
      throw new LogRefused(`${file} has schema ${version}, this Contrail reads ${currentMigrations.length}.`);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** What projections and queries see of a connection. */
export const sqlDatabase = (db: Database.Database): SqlDatabase => ({
  prepare: (sql) => db.prepare<SqlValue[]>(sql),
  exec: (sql) => db.exec(sql),
});
