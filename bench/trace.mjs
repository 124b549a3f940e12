// A long real history: somebody's recorded keystrokes, typed again and again until there are enough of them.
// The trace is looked for in TRACE_DIR (default ../shared/data beside the project): {endContent, txns: [{patches}]}, gzipped.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { seededRandom } from './random.mjs';

const traceName = 'sveltecomponent.json.gz';
const traceDir = process.env.TRACE_DIR ?? fileURLToPath(new URL('../../shared/data', import.meta.url));
const samples = 30;

/** Throws when the trace is absent: a scenario of invented typing would not be the one that is named. */
const readTrace = () => JSON.parse(gunzipSync(readFileSync(`${traceDir}/${traceName}`)).toString());

/**
 * `count` updates of one document, one per recorded transaction. Every round is another client, who types the whole component anew
 * before what is there. Answers {updates, states: [{event, text}], stateVector, text}: `states` are some past states to ask for,
 * where `event` counts updates from 1.
 */
export const typedHistory = (count, seed) => {
  const { txns } = readTrace();
  const random = seededRandom(seed);
  const asked = new Set(Array.from({ length: samples }, () => 1 + Math.floor(random() * count)));
  const doc = new Y.Doc();
  const text = doc.getText('content');
  const updates = [];
  const states = [];
  doc.on('update', (update) => {
    updates.push(update);
    if (asked.has(updates.length)) states.push({ event: updates.length, text: text.toString() });
  });
  for (let round = 1; updates.length < count; round += 1) {
    doc.clientID = round;
    for (const { patches } of txns) {
      if (updates.length === count) break;
      doc.transact(() => {
        for (const [position, deleted, inserted] of patches) {
          if (deleted > 0) text.delete(position, deleted);
          if (inserted !== '') text.insert(position, inserted);
        }
      });
    }
  }
  return { updates, states, stateVector: Y.encodeStateVector(doc), text: text.toString() };
};
