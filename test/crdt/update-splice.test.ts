// Joining updates by cutting them: it must give what Yjs gives when it merges them.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { encodeRetraction, joinParts, partOf } from '../../src/crdt/update-splice.js';
import { chooseSeed } from '../support/seed.js';
import { dumpDocument } from './document-dump.js';
import { Editor, type Numbers } from './random-edits.js';

const numbers: fc.Arbitrary<Numbers> = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));

/** A document of one client with its edits, and how many of them somebody has already. */
interface Source {
  readonly edits: readonly Numbers[];
  readonly known: number;
}
const source: fc.Arbitrary<Source> = fc.record({ edits: fc.array(numbers, { maxLength: 25 }), known: fc.nat(25) });

/** The states before and after; `client` writes it alone. */
const play = ({ edits, known }: Source, client: number): { readonly before: Y.Doc; readonly after: Y.Doc } => {
  const editor = new Editor(client);
  const before = new Y.Doc();
  for (const [index, edit] of edits.entries()) {
    if (index === known) Y.applyUpdate(before, Y.encodeStateAsUpdate(editor.doc));
    editor.edit(edit);
  }
  return { before, after: editor.doc };
};

const seed = chooseSeed();

test('parts joined are what Yjs makes of them, for every client that has some of each', () => {
  fc.assert(
    fc.property(fc.array(source, { minLength: 1, maxLength: 4 }), (sources) => {
      const played = sources.map((each, index) => play(each, 1_000_000_000 * index + 7));
      const parts = played.map(({ before, after }) => partOf(after, Y.encodeStateVector(before)));
      for (const { update, deletesAt } of parts) assert.ok(deletesAt > 0 && deletesAt < update.length);
      const [joined, merged] = [new Y.Doc(), new Y.Doc()];
      for (const doc of [joined, merged])
        for (const { before } of played) Y.applyUpdate(doc, Y.encodeStateAsUpdate(before));
      Y.applyUpdate(joined, joinParts(parts, []));
      Y.applyUpdate(merged, Y.mergeUpdates(parts.map(({ update }) => update)));
      assert.is(joined.store.pendingStructs, null);
      assert.is(joined.store.pendingDs, null);
      assert.is(dumpDocument(joined), dumpDocument(merged));
    }),
    { seed, numRuns: 300 },
  );
});

test('what is retracted is gone, and nothing else', () => {
  fc.assert(
    fc.property(source, fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 40 }), (kept, writes) => {
      const mine = play(kept, 5).after;
      const board = new Y.Doc();
      board.clientID = 3_000_000_000;
      for (const [key, value] of writes) {
        const root = board.getMap<Y.Map<unknown>>('flights');
        if (value === 5) root.delete(`FL-${key}`);
        else if (root.has(`FL-${key}`)) root.get(`FL-${key}`)?.set('gate', value);
        else root.set(`FL-${key}`, new Y.Map([['gate', value]]));
      }
      const end = Y.getState(board.store, board.clientID);
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(board));
      const part = partOf(mine, Y.encodeStateVector(new Y.Doc()));
      Y.applyUpdate(doc, joinParts([part], end > 0 ? [{ client: board.clientID, end }] : []));
      const withoutClocks = (dump: string): string => dump.slice(0, dump.lastIndexOf('\n'));
      assert.is(withoutClocks(dumpDocument(doc)), withoutClocks(dumpDocument(copyOf(mine))));
      assert.is(doc.store.pendingDs, null);
    }),
    { seed, numRuns: 300 },
  );
});

const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

test('a retraction alone is an update that only deletes', () => {
  const doc = new Y.Doc();
  doc.clientID = 4_000_000_000;
  doc.getMap('flights').set('FL-1', new Y.Map([['gate', 'A1']]));
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  Y.applyUpdate(copy, encodeRetraction([{ client: 4_000_000_000, end: 2 }]));
  assert.equal(copy.getMap('flights').toJSON(), {});
});

test.run();
