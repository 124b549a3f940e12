// Entry of a history worker: queries over its own read-only connection to the log. It gives way to the thread that relays keystrokes.

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { History } from './crdt/history.js';
import { createHistoryQueries, type HistoryOptions } from './crdt/history-queries.js';
import { serveHistory } from './crdt/history-worker.js';
import { LogReader } from './log/log-reader.js';
import { parseDocumentId, parseStreamName, systemActor } from './model/ids.js';

/** What the pool's workers are given. */
export interface HistoryWorkerData {
  /** The database. */
  readonly file: string;
  readonly options: HistoryOptions;
}

/** How much a worker gives way where cores are scarce, 1 to 19. */
const niceness = 10;

/** How often each kind of question is asked until V8 has made machine code of what answers it. */
const warmUpRounds = 2;

/**
 * Questions about the document with the heaviest of the newest checkpoints, asked in advance: the first one of a process takes five times as
 * long as the next. A database with small documents alone has none.
 */
const warmUp = (log: LogReader, history: History): readonly (() => Promise<unknown>)[] => {
  const [heaviest] = log
    .newestCheckpoints()
    .filter(({ stream }) => parseStreamName(stream)?.type === 'doc')
    .sort((a, b) => b.bytes - a.bytes);
  const id = heaviest && parseDocumentId(parseStreamName(heaviest.stream)?.name ?? '');
  if (!id) return [];
  const to = heaviest.seq;
  const round = [
    () => history.stateAt(id, { as: 'text' }),
    () => history.diff(id, { from: Math.max(0, to - 1000), to }),
    // Nobody's step: it builds the replica and finds nothing.
    () => history.undo(id, { kind: 'undo', scope: 'user', actor: systemActor, client: 0 }),
  ];
  return Array.from({ length: warmUpRounds }, () => round).flat();
};

if (parentPort) {
  // On Linux this is the calling thread's priority alone; elsewhere it would be the whole process'.
  if (process.platform === 'linux') setPriority(0, niceness);
  const { file, options } = workerData as HistoryWorkerData;
  const log = new LogReader(file);
  const history = createHistoryQueries(log, options);
  serveHistory(parentPort, history, warmUp(log, history));
}
