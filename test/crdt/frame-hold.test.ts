// A room that stands still for a moment, and what the server itself records in it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { FrameHold } from '../../src/crdt/frame-hold.js';
import { createMemoryLog } from '../../src/log/memory-log.js';
import { ContrailError } from '../../src/model/errors.js';
import { systemClock } from '../../src/model/time.js';
import { BenchRoom } from '../support/bench-room.js';
import { userIdOf } from '../support/document-log.js';
import { HeldLog, turn } from '../support/held-log.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const carol = userIdOf('carol');
const limits = { clock: systemClock, maxMs: 60_000 };

const settled = async (log: HeldLog): Promise<void> => {
  await turn();
  while (log.held.length > 0) {
    log.commit();
    await turn();
  }
};

test('while a room stands still frames wait, and are handled afterwards in order', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const { room } = bench;
  const alice = bench.enter('alice');
  alice.join();
  await settled(log);
  await room.hold.during(async () => {
    for (const letter of 'abc') alice.doc.getText('content').insert(alice.text.length, letter);
    alice.flush();
    await turn();
    assert.is(room.head, 0);
    const doc = new Y.Doc();
    doc.getMap('m').set('k', 1);
    const logged = room.record(Y.encodeStateAsUpdate(doc), { kind: 'edit', actor: carol, meta: null, head: 0 });
    await settled(log);
    assert.is((await logged).seq, 1);
  }, limits);
  await settled(log);
  assert.equal(
    log.events.map(({ seq, actor }) => `${seq} ${actor}`),
    ['1 carol', '2 alice', '3 alice', '4 alice'],
  );
  assert.is(room.doc.getText('content').toString(), 'abc');
});

test('a room stands still for a bounded time, whatever the section does', async () => {
  const clock = createVirtualClock(0);
  const hold = new FrameHold();
  const never = hold.during(() => new Promise(() => undefined), { clock, maxMs: 3_000 });
  const resumed: string[] = [];
  hold.wait(() => resumed.push('first'));
  hold.wait(() => resumed.push('second'));
  await clock.advance(2_999);
  assert.is(hold.active, true);
  assert.equal(resumed, []);
  await clock.advance(1);
  assert.is(hold.active, false);
  assert.equal(resumed, ['first', 'second']);
  void never;
});

test('what the server records is logged and told byte for byte, also where Yjs would encode it otherwise', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  alice.join();
  await settled(log);
  alice.read();
  const doc = new Y.Doc();
  const made: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => made.push(update));
  doc.getText('content').insert(0, 'a');
  doc.getText('content').insert(1, 'b');
  const update = Y.mergeUpdates(made);
  const emitted: Uint8Array[] = [];
  const stock = new Y.Doc();
  stock.on('update', (again: Uint8Array) => emitted.push(again));
  Y.applyUpdate(stock, update);
  assert.not.equal(emitted[0], update, 'Yjs joins the two letters');
  const logged = bench.room.record(update, { kind: 'undo', actor: carol, meta: { scope: 'user' } });
  const empty = bench.room.record(null, { kind: 'redo', actor: carol, meta: null });
  await settled(log);
  assert.equal([(await logged).seq, (await empty).seq], [1, 2]);
  assert.equal(
    log.events.map(({ payload }) => payload && Buffer.from(payload)),
    [Buffer.from(update), null],
  );
  assert.ok(Buffer.concat(alice.sent).includes(Buffer.from(update)));
  alice.read();
  assert.is(alice.text, 'ab');
});

test('an event that must follow a head is not logged after another one', async () => {
  const log = createMemoryLog();
  const bench = new BenchRoom(log);
  const doc = new Y.Doc();
  doc.getText('content').insert(0, 'computed too early');
  const past = { stream: bench.room.stream, kind: 'version', actor: carol, at: 1, payload: null, meta: null } as const;
  await log.append([{ events: [past] }]);
  const outcome = await bench.room
    .record(Y.encodeStateAsUpdate(doc), { kind: 'edit', actor: carol, meta: null, head: 0 })
    .catch((error: unknown) => error);
  assert.ok(outcome instanceof ContrailError);
  assert.is(bench.dropped?.code, 'internal', 'the room is loaded again');
  assert.is((await log.head(bench.room.stream))?.seq, 1);
});

test.run();
