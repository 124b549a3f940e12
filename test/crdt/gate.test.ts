// The known poison (docs/hostile-input.md), row by row: each stays out, and the document and the people beside it are unharmed.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { assertSound, checkUpdate, type GateLimits } from '../../src/crdt/gate.js';
import { liveUpdateLimits, syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { parseUpdate } from '../../src/crdt/update-parser.js';
import { ContrailError } from '../../src/model/errors.js';

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** `accepted`, `not-ready`, or the rule that refused. */
const verdictOf = (doc: Y.Doc, bytes: Uint8Array, limits: GateLimits = liveUpdateLimits): string => {
  try {
    const verdict = checkUpdate(doc, parseUpdate(bytes, limits), limits);
    return verdict.kind === 'refused' ? verdict.rule : verdict.kind;
  } catch (thrown) {
    if (thrown instanceof ContrailError && thrown.code === 'invalid-update') return String(thrown.extra['rule']);
    throw thrown;
  }
};

/** Alice (client 5) and bob (client 42) share a document. */
const sharedDocument = (): Y.Doc => {
  const doc = new Y.Doc();
  const write = (client: number, edit: (doc: Y.Doc) => void) => {
    const other = new Y.Doc();
    other.clientID = client;
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    edit(other);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)));
  };
  write(5, (own) => own.getText('t').insert(0, 'hello world'));
  write(42, (own) => own.getText('t').insert(5, 'bob'));
  return doc;
};

const poison: readonly (readonly [effect: string, bytes: string, outcome: string])[] = [
  ['kills the update event', '01010300010101740000', 'empty-struct'],
  ['preallocates 33 million slots', '01c094de0f0100', 'truncated'],
  ['skips with flags', '01020500040101740268692a0300', 'skip'],
  ['refers to its own clock', '010209000401017403616161840932016200', 'own-reference'],
  ['takes the clocks of bob up to 2^53', '01012a0300fcffffffffffff0f00', 'number-range'],
  ['deletes the future', '00014d010501', 'not-ready'],
  ['leaves a clock gap', '0101e8070184e80700017800', 'not-ready'],
  ['has a truncated delete set', '01014d00040101740568656c6c6f', 'truncated'],
  ['inverts its origins', '01010900c4050705060361626300', 'origins-inverted'],
];

for (const [effect, bytes, outcome] of poison) {
  test(`an update that ${effect} is kept out`, () => {
    const doc = sharedDocument();
    const before = Y.encodeStateAsUpdate(doc);
    assert.is(verdictOf(doc, hex(bytes)), outcome);
    assert.equal(Y.encodeStateAsUpdate(doc), before);
    assertSound(doc);
    let heard = 0;
    doc.on('update', () => {
      heard += 1;
    });
    doc.getText('t').insert(0, 'still alive ');
    assert.is(heard, 1);
  });
}

test('what a connected editor sends is accepted', () => {
  const doc = sharedDocument();
  const alice = new Y.Doc();
  alice.clientID = 5;
  Y.applyUpdate(alice, Y.encodeStateAsUpdate(doc));
  const updates: Uint8Array[] = [];
  alice.on('update', (update) => updates.push(update));
  alice.getText('t').insert(3, 'x');
  alice.getText('t').delete(1, 4);
  alice.getMap('m').set('a', new Y.Map([['b', 1]]));
  for (const update of updates) {
    assert.is(verdictOf(doc, update), 'accepted');
    Y.applyUpdate(doc, update);
    assertSound(doc);
  }
  assert.is(verdictOf(doc, Y.encodeStateAsUpdate(alice), syncUpdateLimits), 'accepted');
  assert.is(doc.getText('t').toString(), alice.getText('t').toString());
});

test.run();
