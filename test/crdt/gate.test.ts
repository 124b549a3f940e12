// The known poison (docs/hostile-input.md), row by row: each stays out, and the document and the people beside it are unharmed.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { assertSound, checkUpdate, type GateLimits } from '../../src/crdt/gate.js';
import { liveUpdateLimits, syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { joinUpdate, parseUpdate } from '../../src/crdt/update-parser.js';
import { ContrailError } from '../../src/model/errors.js';
import { assertReplays } from './document-dump.js';
import { GatedDocument } from './gated-document.js';
import { text, varUint, type WrittenStruct, writeUpdate } from './update-writer.js';

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

const oneSection = (structs: readonly WrittenStruct[], client = 77, clock = 0): Uint8Array =>
  writeUpdate([{ client, clock, structs }]);
const letter: WrittenStruct = { kind: 4, content: text('x') };

const generated: readonly (readonly [what: string, make: () => Uint8Array, outcome: string, limits: GateLimits])[] = [
  [
    '64,000 values on one map key without origins',
    () => oneSection(Array.from({ length: 64_000 }, () => ({ kind: 8, parent: 'm', key: 'k', content: [1, 126] }))),
    'work',
    syncUpdateLimits,
  ],
  [
    'more structs than an edit has',
    () => oneSection(Array.from({ length: 4_097 }, () => letter)),
    'too-many-structs',
    liveUpdateLimits,
  ],
  [
    'an any-value 65 levels deep',
    () => oneSection([{ kind: 8, content: [1, ...Array.from({ length: 65 }, () => [117, 1]).flat(), 126] }]),
    'too-deep',
    liveUpdateLimits,
  ],
  [
    'an any-value 8,000 levels deep',
    () => oneSection([{ kind: 8, content: [1, ...Array.from({ length: 8_000 }, () => [117, 1]).flat(), 126] }]),
    'too-deep',
    syncUpdateLimits,
  ],
  [
    'an embed 8,000 levels deep',
    () => oneSection([{ kind: 5, content: text('['.repeat(8_000) + ']'.repeat(8_000)) }]),
    'too-deep',
    syncUpdateLimits,
  ],
  [
    'maps 5,000 deep',
    () =>
      oneSection(
        Array.from({ length: 5_000 }, (_, clock) => ({
          kind: 7,
          parent: clock === 0 ? 'm' : { client: 77, clock: clock - 1 },
          key: 'k',
          content: [1],
        })),
      ),
    'too-deep',
    syncUpdateLimits,
  ],
  [
    '100,000 deletes of what nobody has',
    () => writeUpdate([], [{ client: 99, ranges: Array.from({ length: 100_000 }, (_, index) => [2 * index, 1]) }]),
    'not-ready',
    liveUpdateLimits,
  ],
  [
    'deletes of the same again and again',
    () => writeUpdate([], [{ client: 5, ranges: Array.from({ length: 100_000 }, () => [0, 11]) }]),
    'range-order',
    liveUpdateLimits,
  ],
  [
    'more deletes than an edit has',
    () => writeUpdate([], [{ client: 99, ranges: Array.from({ length: 100_001 }, (_, index) => [2 * index, 1]) }]),
    'too-many-ranges',
    liveUpdateLimits,
  ],
  [
    'pieces of 100,001 clients',
    () => writeUpdate(Array.from({ length: 100_001 }, (_, client) => ({ client, clock: 0, structs: [letter] }))),
    'too-many-clients',
    syncUpdateLimits,
  ],
  [
    'deletes of 100,001 clients',
    () =>
      writeUpdate(
        [],
        Array.from({ length: 100_001 }, (_, client) => ({ client, ranges: [[0, 1]] as const })),
      ),
    'too-many-clients',
    syncUpdateLimits,
  ],
  [
    '400 KB of subdocuments',
    () => oneSection(Array.from({ length: 4_000 }, () => ({ kind: 9, content: [...text('g'.repeat(90)), 118, 0] }))),
    'content-kind',
    liveUpdateLimits,
  ],
  [
    '1,001 new types',
    () =>
      oneSection(
        Array.from({ length: 1_001 }, (_, index) => ({ kind: 7, parent: `m`, key: `${index}`, content: [1] })),
      ),
    'too-many-types',
    liveUpdateLimits,
  ],
  [
    '257 shared types',
    () => oneSection(Array.from({ length: 257 }, (_, index) => ({ ...letter, parent: `root${index}` }))),
    'too-many-roots',
    liveUpdateLimits,
  ],
  [
    'a root name of 129 bytes',
    () => oneSection([{ ...letter, parent: 'r'.repeat(129) }]),
    'root-name',
    liveUpdateLimits,
  ],
  ['clocks beyond 2^24', () => oneSection([{ kind: 1, content: varUint(2 ** 24 + 1) }]), 'growth', liveUpdateLimits],
  [
    'two sections of one client',
    () =>
      writeUpdate([
        { client: 77, clock: 0, structs: [letter] },
        { client: 77, clock: 0, structs: [letter] },
      ]),
    'duplicate-section',
    liveUpdateLimits,
  ],
  [
    'references in a circle',
    () =>
      writeUpdate([
        { client: 77, clock: 0, structs: [{ ...letter, origin: { client: 78, clock: 0 } }] },
        { client: 78, clock: 0, structs: [{ ...letter, origin: { client: 77, clock: 0 } }] },
      ]),
    'circular-reference',
    liveUpdateLimits,
  ],
  [
    'children of a letter',
    () => oneSection([{ ...letter, parent: { client: 5, clock: 1 } }]),
    'parent-not-a-type',
    liveUpdateLimits,
  ],
  [
    'origins that were never neighbours, so that a reload orders them otherwise',
    () => oneSection([{ ...letter, origin: { client: 5, clock: 0 }, rightOrigin: { client: 5, clock: 2 } }]),
    'origins-crossed',
    liveUpdateLimits,
  ],
  [
    'a known letter that goes on elsewhere, whose repair would garble the bytes',
    () => oneSection([{ kind: 4, parent: 't', content: text('bob!') }], 42),
    'origins-crossed',
    { ...liveUpdateLimits, repairOrigins: true },
  ],
  [
    'two values in one map entry',
    () => oneSection([{ kind: 8, parent: 'm', key: 'k', content: [2, 126, 126] }]),
    'live-run',
    liveUpdateLimits,
  ],
];

for (const [what, make, outcome, limits] of generated) {
  test(`${what}: kept out within a second`, () => {
    const doc = sharedDocument();
    const before = Y.encodeStateAsUpdate(doc);
    const bytes = make();
    const started = performance.now();
    assert.is(verdictOf(doc, bytes, limits), outcome);
    assert.ok(performance.now() - started < 1_000);
    assert.equal(Y.encodeStateAsUpdate(doc), before);
    assertSound(doc);
  });
}

test('a delete of every second letter of a long text, half a minute for Yjs, is kept out', () => {
  const doc = new Y.Doc();
  doc.clientID = 5;
  doc.getText('t').insert(0, 'x'.repeat(200_000));
  const ranges = Array.from({ length: 99_999 }, (_, index) => [2 * index + 1, 1] as const);
  assert.is(verdictOf(doc, writeUpdate([], [{ client: 5, ranges }])), 'work');
  assert.is(verdictOf(doc, writeUpdate([], [{ client: 5, ranges: ranges.slice(0, 5_000) }])), 'accepted');
});

test("what Yjs' own undo gets wrong can be repaired: inverted origins become sound ones", () => {
  const server = new GatedDocument();
  const limits = { ...liveUpdateLimits, repairOrigins: true };
  server.offer(Y.encodeStateAsUpdate(sharedDocument()), limits);
  assert.is(
    server.offer(hex('01010900c4050705060361626300'), limits).kind,
    'refused',
    'a newcomer has nothing to undo',
  );
  assert.is(server.offer(hex('010109000401016f017800'), limits).kind, 'accepted');
  assert.is(server.offer(hex('01010901c4050705060361626300'), limits).kind, 'accepted');
  assert.is(server.repaired, 1);
  assert.is(server.doc.getText('t').toString(), 'hellobob worldabc');
  assertReplays(server.doc, server.deltas);
});

test('a known update is accepted again, and is no news', () => {
  const doc = sharedDocument();
  const again = parseUpdate(Y.encodeStateAsUpdate(doc), liveUpdateLimits);
  assert.equal(checkUpdate(doc, again, liveUpdateLimits), {
    kind: 'accepted',
    news: false,
    sections: [],
    newClients: [],
    repaired: null,
  });
});

test('an update is put together again without one of its clients', () => {
  const parsed = parseUpdate(Y.encodeStateAsUpdate(sharedDocument()), liveUpdateLimits);
  const all = joinUpdate(
    parsed,
    () => true,
    () => true,
  );
  assert.equal(all, parsed.bytes);
  const alice = parseUpdate(
    joinUpdate(
      parsed,
      ({ client }) => client === 5,
      () => true,
    ),
    liveUpdateLimits,
  );
  assert.equal(
    alice.sections.map(({ client, end }) => [client, end]),
    [[5, 11]],
  );
});

test.run();
