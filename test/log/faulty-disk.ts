// Makes the disk of the writer thread that imports it fail on command: tests write one of the words below into the file `fault` beside the
// database; removing that file heals the disk. See `setFault` in temporary-log.ts.
//   full    no further page: SQLite itself answers SQLITE_FULL
//   commit  COMMIT answers SQLITE_IOERR_FSYNC
//   begin   BEGIN answers SQLITE_IOERR_WRITE
//   die     the thread ends in the middle of a transaction
//   lost    the thread ends right after COMMIT, before it answers
//   refuse  a new thread cannot open the database; one that runs dies

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { WriterData } from '../../src/log/writer-thread.js';

const faultFile = join(dirname((workerData as WriterData).file), 'fault');
const fault = (): string => {
  try {
    return readFileSync(faultFile, 'utf8');
  } catch {
    return '';
  }
};

const prepare = Database.prototype.prepare;
Database.prototype.prepare = function (this: Database.Database, sql: string) {
  const statement = prepare.call(this, sql) as Database.Statement<unknown[]>;
  const run = statement.run;
  if (sql === 'BEGIN IMMEDIATE') {
    statement.run = (...values: unknown[]) => {
      const now = fault();
      if (now === 'begin') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_WRITE');
      this.pragma(`max_page_count = ${now === 'full' ? 1 : 0xffff_fffe}`);
      return run.apply(statement, values);
    };
  }
  if (sql === 'COMMIT') {
    statement.run = (...values: unknown[]) => {
      const now = fault();
      if (now === 'commit') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
      if (now === 'lost') {
        run.apply(statement, values);
        process.exit(3);
      }
      if (now === 'die' || now === 'refuse') process.exit(3);
      return run.apply(statement, values);
    };
  }
  return statement;
} as typeof prepare;

if (fault() === 'refuse') throw new Error('the database cannot be opened');
