// npm run torture -- gate-speed [rounds]: what the gate costs a keystroke, a small edit, and a reconnecting client.

import * as Y from 'yjs';
import { checkUpdate } from '../../src/crdt/gate.js';
import { liveUpdateLimits, syncUpdateLimits, type UpdateLimits } from '../../src/crdt/update-limits.js';
import { parseUpdate } from '../../src/crdt/update-parser.js';

const textOf = (length: number): string => 'lorem ipsum dolor sit amet '.repeat(length / 27 + 1).slice(0, length);

/** Microseconds each for parsing and checking; the best of five runs, as others share the machine. */
const measure = (name: string, doc: Y.Doc, update: Uint8Array, rounds: number, limits: UpdateLimits): void => {
  const parsed = parseUpdate(update, limits);
  const verdict = checkUpdate(doc, parsed, limits);
  if (verdict.kind !== 'accepted') throw new Error(`${name}: ${verdict.kind}`);
  const best = (task: () => void): number => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run += 1) {
      const started = performance.now();
      for (let round = 0; round < rounds; round += 1) task();
      fastest = Math.min(fastest, ((performance.now() - started) * 1000) / rounds);
    }
    return fastest;
  };
  const parse = best(() => parseUpdate(update, limits));
  const check = best(() => checkUpdate(doc, parsed, limits));
  console.log(`${name}: ${update.length} bytes, parse ${parse.toFixed(2)} µs, check ${check.toFixed(2)} µs`);
};

const edited = (base: Y.Doc, edit: (doc: Y.Doc) => void): Uint8Array => {
  const own = new Y.Doc();
  own.clientID = 1_234_567_890;
  Y.applyUpdate(own, Y.encodeStateAsUpdate(base));
  const before = Y.encodeStateVector(own);
  let heard: Uint8Array = Y.encodeStateAsUpdate(own, before);
  own.on('update', (update: Uint8Array) => {
    heard = update;
  });
  own.transact(() => edit(own));
  return heard;
};

export const torture = async (args: readonly string[]): Promise<void> => {
  const [rounds = 200_000] = args.map(Number);
  const doc = new Y.Doc();
  for (let client = 1; client <= 20; client += 1) {
    const own = new Y.Doc();
    own.clientID = client * 1_000_003;
    Y.applyUpdate(own, Y.encodeStateAsUpdate(doc));
    const text = own.getText('text');
    for (let edits = 0; edits < 50; edits += 1) text.insert((edits * 7919 * client) % (text.length + 1), textOf(20));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(own, Y.encodeStateVector(doc)));
  }
  const middle = doc.getText('text').length / 2;
  const live = liveUpdateLimits;
  measure(
    'one character',
    doc,
    edited(doc, (own) => own.getText('text').insert(middle, 'x')),
    rounds,
    live,
  );
  measure(
    'one character at the end',
    doc,
    edited(doc, (own) => own.getText('text').insert(2 * middle, 'x')),
    rounds,
    live,
  );
  measure(
    'one deletion',
    doc,
    edited(doc, (own) => own.getText('text').delete(middle, 1)),
    rounds,
    live,
  );
  measure(
    'a replacement',
    doc,
    edited(doc, (own) => {
      own.getText('text').delete(middle, 5);
      own.getText('text').insert(middle, 'five!');
    }),
    rounds,
    live,
  );
  measure(
    'a bold word',
    doc,
    edited(doc, (own) => own.getText('text').format(middle, 5, { bold: true })),
    rounds,
    live,
  );
  measure(
    'a map entry',
    doc,
    edited(doc, (own) => own.getMap('map').set('key', { x: 1, y: 2 })),
    rounds,
    live,
  );
  measure(
    'a pasted 100 KB',
    doc,
    edited(doc, (own) => own.getText('text').insert(middle, textOf(100_000))),
    200,
    live,
  );
  measure('the whole document again', doc, Y.encodeStateAsUpdate(doc), 20, syncUpdateLimits);
  measure('the whole document first', new Y.Doc(), Y.encodeStateAsUpdate(doc), 20, syncUpdateLimits);
  const started = performance.now();
  for (let round = 0; round < 20; round += 1) Y.applyUpdate(new Y.Doc(), Y.encodeStateAsUpdate(doc));
  console.log(`(Y.applyUpdate of that document: ${(((performance.now() - started) * 1000) / 20).toFixed(0)} µs)`);
};
