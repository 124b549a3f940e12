// The writer thread: owns the one connection that writes, answers one request at a time. Its entry is src/writer.ts, which knows the
// projections; the main thread's end is writer-link.ts.

import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { ContrailError } from '../model/errors.js';
import type { AnyProjection } from '../model/projection.js';
import { assertDurability, type Durability, LogRefused, openForWriting, sqlDatabase } from './connection.js';
import { LogWriter, type WriterOptions } from './log-writer.js';
import { ProjectionHost, refreshProjections } from './projection-host.js';

export interface WriterData {
  readonly file: string;
  readonly durability: Durability;
}

/** A batch travels as its bare buffer, in both directions; everything else as one of these. */
export type WriterRequest = ArrayBuffer | 'probe' | 'close';
export type WriterAnswer =
  | ArrayBuffer
  | { readonly kind: 'ready'; readonly lastId: number; readonly rebuilt: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string; readonly stack: string | undefined }
  | { readonly kind: 'failed'; readonly failure: WriteFailure }
  | { readonly kind: 'done' }
  | { readonly kind: 'damaged'; readonly stream: string; readonly seq: number };

export interface WriteFailure {
  readonly code: 'log-unavailable' | 'internal' | 'damaged-event';
  /** What SQLite or the projection said; not for callers' eyes. */
  readonly message: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** SQLite's errors that blame the statement and not the disk: the next batch may well succeed. */
const statementFaults = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE|ERROR|MISUSE|SCHEMA|AUTH)/;

const failureOf = (error: unknown): WriteFailure => {
  if (error instanceof ContrailError && error.code === 'damaged-event') {
    return { code: 'damaged-event', message: error.detail, extra: error.extra };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const disk = error instanceof Database.SqliteError && !statementFaults.test(code);
  return { code: disk ? 'log-unavailable' : 'internal', message: `${code} ${message}`.trim(), extra: {} };
};

/** Opens the database and serves the main thread until it says `close`. */
export const runWriter = (projections: readonly AnyProjection[], options: WriterOptions = {}): void => {
  if (!parentPort) throw new LogRefused('The writer runs as a worker thread only.');
  const port = parentPort;
  const answer = (message: WriterAnswer): void => port.postMessage(message);
  const { file, durability } = workerData as WriterData;
  let db: Database.Database;
  let writer: LogWriter;
  try {
    db = openForWriting(file, durability);
    const sql = sqlDatabase(db);
    const rebuilt = refreshProjections(sql, projections, (stream, seq) => answer({ kind: 'damaged', stream, seq }));
    writer = new LogWriter(db, new ProjectionHost(sql, projections, options.mostUnindexed), options);
    writer.catchUp();
    writer.probe();
    assertDurability(db, durability);
    answer({ kind: 'ready', lastId: writer.lastId, rebuilt });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    answer({ kind: 'refused', message, stack });
    port.close();
    return;
  }
  port.on('message', (request: WriterRequest) => {
    try {
      if (request === 'close') {
        try {
          writer.catchUp();
          db.pragma('wal_checkpoint(TRUNCATE)');
        } finally {
          // SQLite takes what is left in the write-ahead log up at the next start.
          db.close();
          answer({ kind: 'done' });
          port.close();
        }
        return;
      }
      if (request === 'probe') {
        writer.probe();
        answer({ kind: 'done' });
      } else {
        writer.write(request);
        port.postMessage(request, [request]);
      }
    } catch (error) {
      // A transaction that cannot even be rolled back: the thread ends, and the main thread starts another.
      if (db.open && db.inTransaction) throw error;
      answer({ kind: 'failed', failure: failureOf(error) });
    }
  });
};
