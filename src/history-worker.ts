// Entry of a history worker: queries over its own read-only connection to the log. It gives way to the thread that relays keystrokes.

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createHistoryQueries, type HistoryOptions } from './crdt/history-queries.js';
import { serveHistory } from './crdt/history-worker.js';
import { LogReader } from './log/log-reader.js';

/** What the pool's workers are given. */
export interface HistoryWorkerData {
  /** The database. */
  readonly file: string;
  readonly options: HistoryOptions;
}

/** How much a worker gives way where cores are scarce, 1 to 19. */
const niceness = 10;

if (parentPort) {
  // On Linux this is the calling thread's priority alone; elsewhere it would be the whole process'.
  if (process.platform === 'linux') setPriority(0, niceness);
  const { file, options } = workerData as HistoryWorkerData;
  serveHistory(parentPort, createHistoryQueries(new LogReader(file), options));
}
