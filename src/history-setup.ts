// Questions about the past, answered in threads of their own from the database's file.

import type { Config } from './config.js';
import { HistoryPool } from './crdt/history-pool.js';
import { defaultHistoryOptions } from './crdt/history-queries.js';
import { defaultUndoOptions } from './crdt/undo.js';
import type { HistoryWorkerData } from './history-worker.js';
import { databaseFile } from './log/sqlite-log.js';
import type { Clock } from './model/time.js';

export const openHistory = (config: Config, clock: Clock): HistoryPool => {
  const workerData: HistoryWorkerData = {
    file: databaseFile(config.dataDir),
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
  pool.start();
  return pool;
};
