// Questions about the past, answered in processes of their own from the database's file.

import type { Config } from './config.js';
import { HistoryPool } from './crdt/history-pool.js';
import { defaultHistoryOptions } from './crdt/history-queries.js';
import { defaultUndoOptions } from './crdt/undo.js';
import type { HistoryWorkerData, LongDocument } from './history-worker.js';
import { databaseFile, type SqliteLog } from './log/sqlite-log.js';
import { parseDocumentId, parseStreamName } from './model/ids.js';
import type { Clock } from './model/time.js';

export const openHistory = (config: Config, log: SqliteLog, clock: Clock): HistoryPool => {
  const longest = longestDocument(log);
  const workerData: HistoryWorkerData = {
    file: databaseFile(config.dataDir),
    longest,
    options: { ...defaultHistoryOptions, undo: { ...defaultUndoOptions, groupMs: config.undoGroupMs } },
  };
  const pool = new HistoryPool({
    entry: new URL('./history-worker.js', import.meta.url),
    workerData,
    workers: config.historyWorkers,
    timeoutMs: config.historyTimeoutSeconds * 1000,
    maxHeapMib: config.historyHeapMib,
    maxWaiting: config.historyMaxWaiting,
    clock,
  });
  pool.start({ awaited: longest !== null });
  return pool;
};

/** Questions about a document whose newest checkpoint has fewer bytes are answered soon enough without preparation. */
const longBytes = 128 * 1024;

/** The document with the heaviest of the newest checkpoints; `null` where all documents are small. */
const longestDocument = (log: SqliteLog): LongDocument | null => {
  const [heaviest] = log
    .newestCheckpoints()
    .filter(({ stream, bytes }) => bytes >= longBytes && parseStreamName(stream)?.type === 'doc')
    .sort((a, b) => b.bytes - a.bytes);
  const id = heaviest && parseDocumentId(parseStreamName(heaviest.stream)?.name ?? '');
  return heaviest && id ? { id, seq: heaviest.seq } : null;
};
