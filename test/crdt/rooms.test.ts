// Which documents are in memory, and what it costs others that one gets there. The log is in memory, the clock moves by hand.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { loadState } from '../../src/crdt/replay.js';
import { Rooms } from '../../src/crdt/rooms.js';
import { createMemoryLog } from '../../src/log/memory-log.js';
import { ContrailError } from '../../src/model/errors.js';
import { type DocumentId, documentStream } from '../../src/model/ids.js';
import { documentIdOf, userIdOf } from '../support/document-log.js';
import { turnsDuring } from '../support/loop-turns.js';
import { dice, seedOr } from '../support/random.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const idleMs = 30_000;
const alice = userIdOf('alice');
const [small, large] = [documentIdOf('small'), documentIdOf('large')];

const roomsWith = ({ maxRooms = 100 } = {}) => {
  const log = createMemoryLog();
  const clock = createVirtualClock(1_000);
  const rooms = new Rooms({
    log,
    clock,
    maxRooms,
    idleMs,
    pack: (frame) => frame as never,
    onDropped: () => undefined,
  });
  const write = async (id: DocumentId, payloads: readonly Uint8Array[], state?: Uint8Array) => {
    const stream = documentStream(id);
    const events = payloads.map((payload) => ({
      stream,
      at: 1,
      actor: alice,
      kind: 'edit' as const,
      payload,
      meta: null,
    }));
    await log.append([{ events, ...(state ? { checkpoints: [{ stream, state }] } : {}) }]);
  };
  return { log, clock, rooms, write };
};

/** Words typed all over a text, each an update of its own, and the state that they make. */
const typedAllOver = (words: number) => {
  const throws = dice(seedOr(31));
  const doc = new Y.Doc();
  const text = doc.getText('content');
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let word = 0; word < words; word += 1) text.insert(throws.below(text.length + 1), `w${word} `);
  return { updates, state: Y.encodeStateAsUpdate(doc), text: text.toString() };
};

test('while a large document is loaded, edits of others are logged', async () => {
  const { log, rooms, write } = roomsWith();
  const typed = typedAllOver(6_000);
  await write(small, [Y.encodeStateAsUpdate(new Y.Doc())]);
  await write(large, typed.updates.slice(0, 3_000), Y.encodeStateAsUpdate(docOf(typed.updates.slice(0, 3_000))));
  await write(large, typed.updates.slice(3_000));
  const other = await rooms.open(small);
  let loaded = false;
  const opening = rooms.open(large).then((room) => {
    loaded = true;
    return room;
  });
  for (let edit = 0; edit < 5; edit += 1) {
    await other.record(null, { kind: 'edit', actor: alice, meta: null });
    assert.not(loaded, `after ${edit + 1} edits`);
  }
  const room = await opening;
  assert.is(room.doc.getText('content').toString(), typed.text);
  assert.is(room.seq, 6_000);
  assert.equal(Y.encodeStateAsUpdate(room.doc), Y.encodeStateAsUpdate((await loadState(log, large)).doc));
  rooms.close(new ContrailError('restarting', 'The test is over.'));
});

const docOf = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
};

test('large documents that are loaded at the same time do so by turns', async () => {
  const { rooms, write } = roomsWith();
  const ids = [1, 2, 3, 4].map((number) => documentIdOf(`large-${number}`));
  const { updates } = typedAllOver(2_000);
  for (const id of ids) await write(id, updates);
  const [first, ...others] = ids as [DocumentId, ...DocumentId[]];
  const one = await turnsDuring(() => rooms.open(first));
  const three = await turnsDuring(() => Promise.all(others.map((id) => rooms.open(id))));
  assert.ok(one >= 8, `${one} turns of the event loop for one`);
  assert.ok(three >= 3 * (one - 1), `${three} for three, ${one} for one`);
  rooms.close(new ContrailError('restarting', 'The test is over.'));
});

test('a document stays in memory while somebody asks for it, with a connection or without', async () => {
  const { clock, rooms, write } = roomsWith();
  await write(small, [Y.encodeStateAsUpdate(new Y.Doc())]);
  const room = await rooms.open(small);
  await clock.advance(idleMs - 1_000);
  assert.is(await rooms.open(small), room);
  await clock.advance(idleMs - 1_000);
  assert.is(rooms.peek(small), room, 'asked for again');
  await clock.advance(2_000);
  assert.is(rooms.peek(small), null);
  rooms.close(new ContrailError('restarting', 'The test is over.'));
});

test('a document that is on its way into memory when the server stops does not get there', async () => {
  const typed = typedAllOver(1_500);
  const [first] = typed.updates as [Uint8Array, ...Uint8Array[]];
  const kinds = [
    { updates: typed.updates, state: undefined, turns: 1 },
    { updates: typed.updates, state: typed.state, turns: 1 },
    { updates: [first], state: first, turns: 0 },
  ];
  for (const { updates, state, turns } of kinds) {
    const { rooms, write } = roomsWith();
    await write(large, updates, state);
    const opening = rooms.open(large).then(
      () => 'open',
      (error: ContrailError) => error.code,
    );
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    rooms.close(new ContrailError('restarting', 'The test is over.'));
    assert.is(await opening, 'restarting');
    assert.is(rooms.size, 0);
  }
});

test('documents that are on their way into memory count as open ones', async () => {
  const { rooms, write } = roomsWith({ maxRooms: 2 });
  const ids = ['a', 'b', 'c'].map(documentIdOf);
  for (const id of ids) await write(id, [Y.encodeStateAsUpdate(new Y.Doc())]);
  const opened = await Promise.allSettled(ids.map((id) => rooms.open(id)));
  assert.equal(
    opened.map((one) => (one.status === 'fulfilled' ? 'open' : (one.reason as ContrailError).code)),
    ['open', 'open', 'overloaded'],
  );
  rooms.close(new ContrailError('restarting', 'The test is over.'));
});

test.run();
