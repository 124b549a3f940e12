// What the process of a history worker runs (crdt/history-process.ts starts it): queries over its own read-only connection to the log.

import type { History } from './crdt/history.js';
import { createHistoryQueries, type HistoryOptions } from './crdt/history-queries.js';
import { historyWorkerData, serveHistory } from './crdt/history-worker.js';
import { createHistoryBodies } from './http/history-bodies.js';
import { LogReader } from './log/log-reader.js';
import { type DocumentId, systemActor } from './model/ids.js';

/** What the pool's workers are given. */
export interface HistoryWorkerData {
  /** The database. */
  readonly file: string;
  readonly options: HistoryOptions;
  /** What to warm up with; `null` where all documents are so small that it makes no difference. */
  readonly longest: LongDocument | null;
}

/** A document with a long history, and a seq of it. */
export interface LongDocument {
  readonly id: DocumentId;
  readonly seq: number;
}

/** How often each kind of question is asked until V8 has made machine code of all that answers it; the first time brings most. */
const warmUpRounds = 2;

/** Questions about a document with a long history, asked in advance: the first ones of a process take five times as long as the next. */
const warmUp = (history: History, { id, seq: to }: LongDocument): readonly (() => Promise<unknown>)[] => {
  const round = [
    () => history.stateAt(id, { as: 'text' }),
    () => history.diff(id, { from: Math.max(0, to - 1000), to }),
    // Nobody's step: it builds the replica and finds nothing.
    () => history.undo(id, { kind: 'undo', scope: 'user', actor: systemActor, client: 0 }),
  ];
  return Array.from({ length: warmUpRounds }, () => round).flat();
};

const data = historyWorkerData() as HistoryWorkerData | null;
if (data !== null) {
  const history = createHistoryQueries(new LogReader(data.file), data.options);
  serveHistory({ ...history, ...createHistoryBodies(history) }, data.longest ? warmUp(history, data.longest) : []);
}
