// Answers about a document's past as REST shows them, in bytes. Runs in the history workers.

import { gzipSync } from 'node:zlib';
import type { Body, BodyRequest, History, HistoryBodies } from '../crdt/history.js';
import { formatTime } from '../model/time.js';
import { minCompressedBytes } from './content-encoding.js';
import { presentChange } from './present-change.js';

export const createHistoryBodies = (history: History): HistoryBodies => ({
  async stateBody(documentId, request) {
    const { state } = await history.stateAt(documentId, request);
    if (state instanceof Uint8Array) return { bytes: state, encoding: null };
    return textBody(request.as === 'text' ? String(state) : JSON.stringify(state), request);
  },

  async diffBody(documentId, request) {
    const { from, to, changes } = await history.diff(documentId, request);
    return textBody(JSON.stringify({ from, to, changes: changes.map(presentChange) }), request);
  },

  async attributionBody(documentId, request) {
    const { seq, runs } = await history.attribution(documentId, request);
    return textBody(JSON.stringify({ seq, runs: runs.map((run) => ({ ...run, at: formatTime(run.at) })) }), request);
  },
});

const encoder = new TextEncoder();

/** Compressed here, because a long answer that the thread of the keystrokes compresses makes it collect its whole heap every second. */
const textBody = (text: string, { gzip }: BodyRequest): Body => {
  const bytes = encoder.encode(text);
  if (!gzip || bytes.length < minCompressedBytes) return { bytes, encoding: null };
  // A copy: what zlib returns may be a part of a larger buffer, all of which would be sent along.
  return { bytes: new Uint8Array(gzipSync(bytes)), encoding: 'gzip' };
};
