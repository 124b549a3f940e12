// Frames: what clients may send, what is malformed, and that what we encode can be read.

import * as decoding from 'lib0/decoding';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import {
  type AwarenessEntry,
  decodeFrame,
  defaultProtocolLimits,
  emptyAwareness,
  encodeAwareness,
  encodeControl,
  encodePermissionDenied,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
} from '../../src/crdt/protocol.js';
import { ContrailError } from '../../src/model/errors.js';
import { seededRandom } from './random-edits.js';
import { text, varUint } from './update-writer.js';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const decode = (bytes: Uint8Array | readonly number[]) => decodeFrame(Uint8Array.from(bytes), defaultProtocolLimits);

/** The rule a frame breaks. */
const faultOf = (bytes: Uint8Array | readonly number[]): unknown => {
  try {
    decode(bytes);
  } catch (thrown) {
    assert.instance(thrown, ContrailError);
    assert.is((thrown as ContrailError).code, 'malformed');
    assert.match((thrown as ContrailError).detail, /\.$/);
    return (thrown as ContrailError).extra['rule'];
  }
  return 'none';
};
const awarenessFrame = (body: readonly number[]): number[] => [1, ...varUint(body.length), ...body];

test('a stock client is understood', () => {
  const doc = new Y.Doc();
  doc.clientID = 4_294_967_295;
  doc.getText('t').insert(0, 'hi');
  const vector = Y.encodeStateVector(doc);
  const update = Y.encodeStateAsUpdate(doc);
  assert.equal(decode(encodeStep1(vector)), { type: 'step1', stateVector: new Map([[4_294_967_295, 2]]) });
  assert.equal(decode(encodeStep2(update)), { type: 'step2', update });
  assert.equal(decode(encodeUpdate(update)), { type: 'update', update });
  assert.equal(decode([3]), { type: 'query-awareness' });
  const awareness = new Awareness(doc);
  awareness.setLocalState({ user: { name: 'ålice' } });
  const body = encodeAwarenessUpdate(awareness, [doc.clientID]);
  awareness.destroy();
  const entries = [{ client: 4_294_967_295, clock: 1, state: '{"user":{"name":"ålice"}}' }];
  assert.equal(decode(awarenessFrame([...body])), { type: 'awareness', entries });
  assert.equal(Uint8Array.from(encodeAwareness(entries)), Uint8Array.from(awarenessFrame([...body])));
  assert.equal(decode(emptyAwareness), { type: 'awareness', entries: [] });
});

test('an update is a view of its frame, not a copy', () => {
  const frame = encodeUpdate(Uint8Array.of(0, 0));
  const decoded = decodeFrame(frame, defaultProtocolLimits);
  assert.ok(decoded.type === 'update' && decoded.update.buffer === frame.buffer);
});

test('what we encode, lib0 reads', () => {
  const denied = decoding.createDecoder(encodePermissionDenied('viewers may not édit'));
  assert.equal([decoding.readVarUint(denied), decoding.readVarUint(denied)], [2, 0]);
  assert.is(decoding.readVarString(denied), 'viewers may not édit');
  const json = JSON.stringify({ id: 1, text: 'ü'.repeat(200) });
  assert.equal(decode(encodeControl(json)), { type: 'control', text: json });
});

const malformed: readonly (readonly [what: string, bytes: readonly number[], rule: string])[] = [
  ['an empty frame', [], 'truncated'],
  ['an unknown type', [4], 'unknown-type'],
  ['an auth frame', [2, 0, ...text('no')], 'unknown-type'],
  ['an unknown sync step', [0, 3, 0], 'unknown-type'],
  ['an overlong type in front of an update', [0x80, 0, 0x82, 0, 2, 0, 0], 'varint'],
  ['a step with an overlong varint', [0, 0x82, 0, 2, 0, 0], 'varint'],
  ['bytes behind an update', [0, 2, 2, 0, 0, 0], 'trailing-bytes'],
  ['bytes behind a query', [3, 0], 'trailing-bytes'],
  ['a length beyond the frame', [0, 2, 3, 0, 0], 'truncated'],
  ['a huge length', [0, 2, 0xff, 0xff, 0xff, 0xff, 7], 'truncated'],
  ['a varint without end', [0, 2, ...Array<number>(12).fill(0xff)], 'number-range'],
  ['a state vector with a client twice', [0, 0, 5, 2, 1, 1, 1, 2], 'duplicate-client'],
  ['a state vector that announces too much', [0, 0, 3, 0xc0, 0x84, 0x3d], 'truncated'],
  ['a state vector with bytes behind it', [0, 0, 2, 0, 0], 'trailing-bytes'],
  ['awareness that is not JSON', awarenessFrame([1, 1, 1, ...text('{a}')]), 'json'],
  ['awareness 17 levels deep', awarenessFrame([1, 1, 1, ...text('['.repeat(17) + ']'.repeat(17))]), 'too-deep'],
  ['awareness 5,000 levels deep', awarenessFrame([1, 1, 1, ...text('['.repeat(4000) + ']'.repeat(4000))]), 'too-deep'],
  ['awareness of more than 8 KiB', awarenessFrame([1, 1, 1, ...text(`"${'x'.repeat(8200)}"`)]), 'too-large'],
  ['an awareness clock of 2^53', awarenessFrame([1, 1, ...varUint(2 ** 53 - 1), ...text('null')]), 'number-range'],
  ['an awareness client of 2^53', awarenessFrame([1, ...varUint(2 ** 53), 1, ...text('null')]), 'number-range'],
  ['awareness that is not UTF-8', awarenessFrame([1, 1, 1, 3, 34, 0xff, 34]), 'utf8'],
  ['awareness with bytes behind it', [1, 2, 0, 0], 'trailing-bytes'],
  ['a control message that is not UTF-8', [64, 2, 0xc3, 0x28], 'utf8'],
];
for (const [what, bytes, rule] of malformed) test(`${what} is malformed`, () => assert.is(faultOf(bytes), rule));

test('100,000 awareness entries are too many', () => {
  const entries: AwarenessEntry[] = Array.from({ length: 100_000 }, (_, client) => ({
    client,
    clock: 1,
    state: 'null',
  }));
  assert.is(faultOf(encodeAwareness(entries)), 'too-many');
  assert.is(faultOf(encodeAwareness(entries.slice(0, 1000))), 'none');
});

test('awareness may be 16 levels deep and 8 KiB large', () => {
  const deep = `${'{"a":'.repeat(16)}1${'}'.repeat(16)}`;
  const large = `"${'x'.repeat(8190)}"`;
  const brackets = '"[[[[[[[[[[[[[[[[[[[[[[\\"{{{"';
  const entries = [deep, large, brackets].map((state, client) => ({ client, clock: 2 ** 31 - 1, state }));
  assert.equal(decode(encodeAwareness(entries)), { type: 'awareness', entries });
});

test('random bytes are decoded or malformed, nothing else, and what was decoded is encoded alike', () => {
  const random = seededRandom(seed);
  let decoded = 0;
  for (let count = 0; count < 50_000; count += 1) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 24) }, () =>
      Math.floor(random() * (random() < 0.7 ? 8 : 256)),
    );
    if (random() < 0.3) bytes[0] = 64;
    if (faultOf(bytes) !== 'none') continue;
    decoded += 1;
    const frame = decode(bytes);
    if (frame.type === 'step2') assert.equal(encodeStep2(frame.update), bytes);
    else if (frame.type === 'update') assert.equal(encodeUpdate(frame.update), bytes);
    else if (frame.type === 'control') assert.equal(Uint8Array.from(encodeControl(frame.text)), bytes);
    else if (frame.type === 'awareness') assert.equal(Uint8Array.from(encodeAwareness(frame.entries)), bytes);
  }
  console.log(`  ${decoded} of 50000 decoded, seed ${seed}`);
  assert.ok(decoded > 100);
});

test.run();
