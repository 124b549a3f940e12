// The entry of a history worker in tests: a log in memory that its `workerData` describes, and documents that misbehave by their names.

import { setTimeout } from 'node:timers/promises';
import * as Y from 'yjs';
import type { History } from '../../src/crdt/history.js';
import { createHistoryQueries } from '../../src/crdt/history-queries.js';
import { historyWorkerData, serveHistory } from '../../src/crdt/history-worker.js';
import { createHistoryBodies } from '../../src/http/history-bodies.js';
import { DocumentLog, userIdOf } from './document-log.js';

const { text, warmUpMs = 0 } = (historyWorkerData() ?? { text: '' }) as {
  readonly text: string;
  readonly warmUpMs?: number;
};
const log = new DocumentLog('plan');
const doc = new Y.Doc();
doc.on('update', (payload: Uint8Array) => log.append({ actor: userIdOf('alice'), at: log.seq + 1, payload }));
for (const letter of text) doc.getText('content').insert(doc.getText('content').length, letter);

const queries = createHistoryQueries(log);
const history: History = {
  ...queries,
  stateAt(documentId, request) {
    if (documentId === 'endless') for (;;) Math.random();
    if (documentId === 'slow') return setTimeout(200, { seq: 1, state: 'slow' });
    if (documentId === 'greedy') {
      const hoard: unknown[] = [];
      for (;;) hoard.push(Array.from({ length: 1000 }, () => ({ hoard: hoard.length })));
    }
    if (documentId === 'broken') throw new Error('an unexpected fault');
    return queries.stateAt(documentId, request);
  },
};
serveHistory({ ...history, ...createHistoryBodies(history) }, warmUpMs > 0 ? [() => setTimeout(warmUpMs)] : []);
