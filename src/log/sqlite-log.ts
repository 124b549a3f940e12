// The event log over SQLite: the lock, group commit in front of the writer thread, and one reading connection, put together.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { AppendOutcome, AppendUnit, EventFilter, EventLog, LogStats } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import { type Clock, systemClock } from '../model/time.js';
import type { Durability } from './connection.js';
import { type Commit, GroupCommit, restarting } from './group-commit.js';
import { LogReader } from './log-reader.js';
import { type OwnerLock, takeOwnerLock } from './owner-lock.js';

export interface SqliteLogOptions {
  /** The folder of `contrail.db`, made when missing. */
  readonly dataDir: string;
  readonly durability: Durability;
  /** Entry of the writer thread: `src/writer.ts`, or a test's own. */
  readonly writerUrl: URL;
  readonly clock?: Clock;
  /** Told of everything that went wrong inside, for the server's log. */
  readonly onFault?: (error: Error) => void;
  /** Told of projections that were filled afresh at start. */
  readonly onRebuilt?: (projections: readonly string[]) => void;
  /** Told of each commit. */
  readonly onCommit?: (commit: Commit) => void;
}

/** The log, plus a connection for projections' queries that cannot write. */
export interface SqliteLog extends EventLog, Pick<LogReader, 'newestCheckpoints'> {
  readonly db: SqlDatabase;
  /** Where this server can be reached, for the message to a second one that wants the same database. */
  announce(address: string): void;
}

export const databaseFile = (dataDir: string): string => join(dataDir, 'contrail.db');

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Takes the database's lock, opens it, and resolves once it takes writes. Rejects with `LogRefused` otherwise. */
export const openSqliteLog = async (options: SqliteLogOptions): Promise<SqliteLog> => {
  const { dataDir, durability, writerUrl, clock = systemClock } = options;
  const { onFault = () => {}, onRebuilt = () => {}, onCommit = () => {} } = options;
  const file = databaseFile(dataDir);
  const lock = takeOwnerLock(file, clock);
  try {
    const commit = await GroupCommit.start({ file, durability, writerUrl, clock, onFault, onRebuilt, onCommit });
    try {
      return new LockedLog({ file, lock, commit, reader: new LogReader(file) });
    } catch (error) {
      await commit.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
};

interface Parts {
  readonly file: string;
  readonly lock: OwnerLock;
  readonly commit: GroupCommit;
  readonly reader: LogReader;
}

class LockedLog implements SqliteLog {
  readonly #parts: Parts;
  #closing: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get db(): SqlDatabase {
    return this.#reads().db;
  }

  newestCheckpoints() {
    return this.#reads().newestCheckpoints();
  }

  announce(address: string): void {
    this.#parts.lock.announce(address);
  }

  append(units: readonly AppendUnit[]): Promise<readonly AppendOutcome[]> {
    return this.#parts.commit.append(units);
  }

  async head(stream: StreamName) {
    const reader = this.#reads();
    const { heads } = this.#parts.commit;
    const known = heads.get(stream);
    if (known !== undefined) return known;
    const head = reader.headNow(stream);
    if (head !== null) heads.learn(stream, head);
    return head;
  }
  async read(stream: StreamName, after: number, limit?: number) {
    return this.#reads().read(stream, after, limit);
  }
  async list(stream: StreamName, filter: EventFilter) {
    return this.#reads().list(stream, filter);
  }
  async positionAt(stream: StreamName, time: number) {
    return this.#reads().positionAt(stream, time);
  }
  async checkpoint(stream: StreamName, atOrBefore: number) {
    return this.#reads().checkpoint(stream, atOrBefore);
  }
  async readAll(after: number, limit: number) {
    return this.#reads().readAll(after, limit);
  }
  async scan(after: number, limit: number) {
    return this.#reads().scan(after, limit);
  }

  tail(listener: (events: readonly LoggedEvent[]) => void): () => void {
    return this.#parts.commit.tail.add(listener);
  }
  onWritable(listener: (writable: boolean) => void): () => void {
    return this.#parts.commit.writability.add(listener);
  }

  stats(): LogStats {
    const { commit, file } = this.#parts;
    return {
      ...commit.stats,
      streams: this.#reads().streams(),
      bytes: sizeOf(file),
      walBytes: sizeOf(`${file}-wal`),
      writable: commit.writable,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { commit, lock, reader } = this.#parts;
    // The reader goes first: it would keep the writer from emptying the write-ahead log.
    reader.close();
    await commit.close();
    lock.release();
  }

  #reads(): LogReader {
    if (this.#closing) throw restarting();
    return this.#parts.reader;
  }
}
