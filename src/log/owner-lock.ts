// One server per database. The lock is a small SQLite file beside it whose exclusive transaction is never ended: the operating system's
// file lock under it vanishes with the process, however that dies. A text file says who holds it, for the message alone.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Clock, formatTime } from '../model/time.js';
import { LogInUse } from './connection.js';

export interface OwnerLock {
  /** Adds to the note where this process can be reached. */
  announce(address: string): void;
  release(): void;
}

const besideOf = (file: string): string => file.replace(/\.db$/, '');
export const lockFileOf = (file: string): string => `${besideOf(file)}.lock`;
export const ownerFileOf = (file: string): string => `${besideOf(file)}.owner`;

const readOwner = (file: string): string => {
  try {
    return readFileSync(ownerFileOf(file), 'utf8').trim();
  } catch {
    return 'another process (it left no note who it is)';
  }
};

/** Takes the lock for this process, or throws `LogInUse` with a message that names the holder. */
export const takeOwnerLock = (file: string, clock: Clock): OwnerLock => {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(lockFileOf(file), { timeout: 0 });
  try {
    db.pragma('journal_mode = DELETE');
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
    if (!busy) throw error;
    throw new LogInUse(`${file} is in use by ${readOwner(file)}. Stop that one first: one database has one server.`, {
      cause: error,
    });
  }
  const since = formatTime(clock.now());
  const note = (address: string): void =>
    writeFileSync(ownerFileOf(file), `process ${process.pid} on ${hostname()}${address}, since ${since}\n`);
  note('');
  return {
    announce: (address) => note(` at ${address}`),
    release() {
      rmSync(ownerFileOf(file), { force: true });
      db.close();
    },
  };
};
