// Answers about a document's past as REST shows them, in bytes. Runs in the history workers.

import type { History, HistoryBodies } from '../crdt/history.js';
import { formatTime } from '../model/time.js';
import { presentChange } from './present-change.js';

export const createHistoryBodies = (history: History): HistoryBodies => ({
  async stateBody(documentId, request) {
    const { state } = await history.stateAt(documentId, request);
    if (state instanceof Uint8Array) return state;
    return request.as === 'text' ? utf8(String(state)) : jsonBytes(state);
  },

  async diffBody(documentId, range) {
    const { from, to, changes } = await history.diff(documentId, range);
    return jsonBytes({ from, to, changes: changes.map(presentChange) });
  },

  async attributionBody(documentId, request) {
    const { seq, runs } = await history.attribution(documentId, request);
    return jsonBytes({ seq, runs: runs.map((run) => ({ ...run, at: formatTime(run.at) })) });
  },
});

const encoder = new TextEncoder();
const utf8 = (text: string): Uint8Array => encoder.encode(text);
const jsonBytes = (value: unknown): Uint8Array => utf8(JSON.stringify(value));
