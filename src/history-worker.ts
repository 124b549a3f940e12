// What the process of a history worker runs (crdt/history-process.ts starts it): queries over its own read-only connection to the log.

import type { HistoryAnswers } from './crdt/history.js';
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

/** How often each kind of question is asked until V8 has made machine code of all that answers it: the first ones take five times, the fourth half as long again. */
const warmUpRounds = 5;

/** Questions about a document with a long history, asked in advance. */
const warmUp = (history: HistoryAnswers, { id, seq: to }: LongDocument): readonly (() => Promise<unknown>)[] => {
  const from = Math.max(1, to - 1000);
  const round = [
    () => history.stateBody(id, { seq: from, as: 'text', gzip: true }),
    () => history.diffBody(id, { from, to, gzip: true }),
    // Nobody's step: it builds the replica and finds nothing.
    () => history.undo(id, { kind: 'undo', scope: 'user', actor: systemActor, client: 0 }),
  ];
  return Array.from({ length: warmUpRounds }, () => round).flat();
};

const data = historyWorkerData() as HistoryWorkerData | null;
if (data !== null) {
  const queries = createHistoryQueries(new LogReader(data.file), data.options);
  const history = { ...queries, ...createHistoryBodies(queries) };
  serveHistory(history, data.longest ? warmUp(history, data.longest) : []);
}
