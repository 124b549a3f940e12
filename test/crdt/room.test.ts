// Rooms: what leaves them, when, and in which order. Sockets and SQLite are not needed to see it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { decodeFrame, defaultProtocolLimits, encodeControl, encodeUpdate } from '../../src/crdt/protocol.js';
import { ContrailError } from '../../src/model/errors.js';
import { BenchRoom } from '../support/bench-room.js';
import { HeldLog, turn } from '../support/held-log.js';

const joined = async (log: HeldLog, ...people: ReturnType<BenchRoom['enter']>[]) => {
  for (const person of people) person.join();
  await turn();
  while (log.held.length > 0) {
    log.commit();
    await turn();
  }
  for (const person of people) person.read();
};

test('nobody sees an edit before it is durable', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob] = [bench.enter('alice'), bench.enter('bob')];
  await joined(log, alice, bob);
  alice.doc.getText('content').insert(0, 'hello');
  alice.flush();
  await turn();
  assert.is(bob.read().length, 0);
  log.commit();
  await turn();
  bob.read();
  assert.is(bob.text, 'hello');
  assert.is(alice.read().length, 0, 'the author gets no echo');
});

test('an answer to a joining client waits for the commit of what it contains', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  await joined(log, alice);
  alice.doc.getText('content').insert(0, 'secret until durable');
  alice.flush();
  const carol = bench.enter('carol');
  carol.join();
  await turn();
  assert.is(carol.read().length, 0);
  log.commit();
  await turn();
  carol.read();
  assert.is(carol.text, 'secret until durable');
});

test('edits that arrive during a commit share the next one, and leave in order', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob, carol] = [bench.enter('alice'), bench.enter('bob'), bench.enter('carol')];
  await joined(log, alice, bob, carol);
  alice.doc.getText('content').insert(0, 'a');
  alice.flush();
  await turn();
  for (const [person, letter] of [
    [alice, 'b'],
    [bob, 'c'],
    [alice, 'd'],
  ] as const) {
    person.doc.getText('content').insert(person.text.length, letter);
    person.flush();
    await turn();
  }
  assert.is(log.held.length, 1);
  log.commit();
  await turn();
  assert.is(log.held.length, 1, 'the three share one commit');
  assert.is(log.held[0]?.units[0]?.events.length, 3);
  carol.read();
  assert.is(carol.text, 'a');
  log.commit();
  await turn();
  for (const person of [alice, bob, carol]) person.read();
  assert.is(carol.text, alice.text);
  assert.is(carol.text, bob.text);
  assert.equal(
    log.events.map(({ actor, seq }) => `${seq} ${actor}`),
    ['1 alice', '2 alice', '3 bob', '4 alice'],
  );
});

test('`saved` comes once all that the connection has sent is durable, and not before', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob] = [bench.enter('alice'), bench.enter('bob')];
  await joined(log, alice, bob);
  for (const person of [alice, bob]) person.session?.receive(encodeControl('{"id":1,"do":"hello"}'));
  await turn();
  for (const person of [alice, bob]) person.read();
  const type = async (person: typeof alice, letter: string) => {
    person.doc.getText('content').insert(person.text.length, letter);
    person.flush();
    await turn();
  };
  const told = (person: typeof alice) =>
    person.read().flatMap((frame) => {
      const decoded = decodeFrame(frame, defaultProtocolLimits);
      return decoded.type === 'control' ? [JSON.parse(decoded.text)] : [];
    });
  await type(alice, 'a');
  await type(alice, 'b');
  await type(bob, 'c');
  log.commit();
  await turn();
  assert.equal(told(alice), [], 'her second edit is not durable');
  assert.equal(told(bob), []);
  await type(bob, 'd');
  log.commit();
  await turn();
  assert.equal(told(alice), [{ event: 'saved', seq: 3 }]);
  assert.equal(told(bob), [], 'his second edit is not durable');
  log.commit();
  await turn();
  assert.equal(told(bob), [{ event: 'saved', seq: 4 }]);
  assert.equal(told(alice), []);
});

test('while the log cannot write, an edit costs its sender the connection and nobody else anything', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob] = [bench.enter('alice'), bench.enter('bob')];
  await joined(log, alice, bob);
  bench.writable = false;
  alice.doc.getText('content').insert(0, 'kept in her client');
  assert.throws(
    () => alice.flush(),
    (error: unknown) => error instanceof ContrailError && error.code === 'log-unavailable',
  );
  await turn();
  assert.is(bench.dropped, null);
  assert.is(bench.room.doc.getText('content').length, 0);
  assert.is(log.held.length, 0);
  bench.writable = true;
  bob.doc.getText('content').insert(0, 'goes on');
  bob.flush();
  await turn();
  log.commit();
  await turn();
  alice.read();
  assert.match(alice.text, 'goes on');
});

test('a failed append closes the room with 4503 and shows nobody anything', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob] = [bench.enter('alice'), bench.enter('bob')];
  await joined(log, alice, bob);
  alice.doc.getText('content').insert(0, 'lost with the disk');
  alice.flush();
  await turn();
  log.fail(new ContrailError('log-unavailable', 'The event log cannot write now.'));
  await turn();
  assert.is(bob.read().length, 0);
  assert.is(alice.closed?.row.close, 4503);
  assert.is(bob.closed?.row.close, 4503);
  assert.is(bench.dropped?.code, 'log-unavailable');
});

test('a room that is dropped while a commit is under way says when that commit has ended', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  await joined(log, alice);
  alice.doc.getText('content').insert(0, 'on its way');
  alice.flush();
  await turn();
  bench.room.drop(new ContrailError('internal', 'The document is being reloaded.'));
  let settled = false;
  void bench.room.commit.ended().then(() => {
    settled = true;
  });
  await turn();
  assert.is(settled, false, 'loading it now would miss an event');
  log.commit();
  await turn();
  assert.is(settled, true);
});

test('a slow reader is brought up to date by one difference', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob, carol] = [bench.enter('alice'), bench.enter('bob'), bench.enter('carol')];
  await joined(log, alice, bob, carol);
  carol.slow = true;
  const write = async (person: typeof alice, letter: string) => {
    person.doc.getText('content').insert(0, letter);
    person.flush();
    await turn();
    log.commit();
    await turn();
    for (const other of [alice, bob]) other.read();
  };
  for (const letter of 'durable') await write(alice, letter);
  for (const letter of 'visible') await write(bob, letter);
  alice.doc.getText('content').delete(0, 3);
  alice.flush();
  await turn();
  carol.slow = false;
  carol.session?.drained();
  await turn();
  assert.is(carol.read().length, 0, 'the difference contains an edit that is not durable yet');
  log.commit();
  await turn();
  const frames = carol.read();
  assert.is(frames.length, 1);
  assert.is(carol.text, alice.text);
  await write(bob, 'x');
  assert.is(carol.read().length, 1, 'and gets live frames again');
});

test('an edit that is on its way to the log while a slow reader catches up reaches it too', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob, carol] = [bench.enter('alice'), bench.enter('bob'), bench.enter('carol')];
  await joined(log, alice, bob, carol);
  carol.slow = true;
  alice.doc.getText('content').insert(0, 'missed');
  alice.flush();
  await turn();
  log.commit();
  await turn();
  bob.read();
  // The first that bob ever wrote here: nothing of his was missed.
  bob.doc.getText('content').insert(0, 'on its way ');
  bob.flush();
  await turn();
  carol.slow = false;
  carol.session?.drained();
  await turn();
  assert.is(carol.read().length, 0);
  log.commit();
  await turn();
  assert.is(carol.read().length, 1);
  assert.is(carol.text, 'on its way missed');
});

test('an edit that waits for its dependencies is applied once the next step2 brings them', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  alice.doc.getText('content').insert(0, 'offline ');
  alice.made.length = 0;
  alice.doc.getText('content').insert(8, 'online');
  alice.flush();
  await turn();
  assert.is(log.held.length, 0);
  const [asked] = alice.read();
  assert.is(decodeFrame(asked as Uint8Array, defaultProtocolLimits).type, 'step1');
  alice.join();
  await turn();
  log.commit();
  await turn();
  assert.is(bench.room.doc.getText('content').toString(), 'offline online');
  assert.is(bench.room.doc.store.pendingStructs, null);
});

test('a client that types on while it reconnects may send any number of edits before it answers the step1', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  alice.doc.getText('content').insert(0, 'offline ');
  alice.made.length = 0;
  for (let at = 0; at < 300; at += 1) alice.doc.getText('content').insert(8 + at, 'x');
  alice.flush();
  await turn();
  const asked = alice.read().map((frame) => decodeFrame(frame, defaultProtocolLimits).type);
  assert.equal(asked, ['step1'], 'it is asked once');
  alice.join();
  await turn();
  log.commit();
  await turn();
  assert.is(bench.room.doc.getText('content').toString(), `offline ${'x'.repeat(300)}`);
});

test('an edit whose dependencies nobody has costs its sender the connection at the next step2', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const mallory = bench.enter('mallory');
  mallory.receive(encodeUpdate(Buffer.from('0101e8070184e80700017800', 'hex')));
  assert.throws(
    () => mallory.join(),
    (error: unknown) => error instanceof ContrailError && error.row.close === 4422,
  );
  assert.is(log.held.length, 0);
});

test('a re-sent update logs nothing', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  alice.doc.getText('content').insert(0, 'once');
  await joined(log, alice);
  alice.join();
  alice.receive(encodeUpdate(Y.encodeStateAsUpdate(alice.doc)));
  await turn();
  assert.is(log.held.length, 0);
  assert.is(log.events.length, 1);
});

test("what Yjs tidies up by itself is logged as the system's", async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const [alice, bob] = [bench.enter('alice'), bench.enter('bob')];
  alice.doc.getText('content').insert(0, 'some text');
  await joined(log, alice, bob);
  // Both make overlapping ranges bold: together they leave marks that mean nothing.
  alice.doc.getText('content').format(0, 6, { bold: true });
  bob.doc.getText('content').format(2, 7, { bold: true });
  alice.flush();
  bob.flush();
  await turn();
  while (log.held.length > 0) {
    log.commit();
    await turn();
  }
  const replay = new Y.Doc();
  for (const { payload } of log.events) if (payload) Y.applyUpdate(replay, payload);
  assert.equal(replay.getText('content').toDelta(), bench.room.doc.getText('content').toDelta());
  assert.ok(log.events.every(({ actor }) => ['alice', 'bob', 'system'].includes(actor)));
});

test('a connection that speaks control messages hears once per commit that its edits are on disk', async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const alice = bench.enter('alice');
  await joined(log, alice);
  alice.receive(encodeControl('{"id":1,"do":"hello"}'));
  await turn();
  alice.read();
  for (const letter of 'abc') {
    alice.doc.getText('content').insert(0, letter);
    alice.flush();
  }
  await turn();
  assert.is(alice.read().length, 0, 'not before the disk');
  log.commit();
  await turn();
  const notices = alice.read().map((frame) => decodeFrame(frame, defaultProtocolLimits));
  assert.equal(notices, [{ type: 'control', text: '{"event":"saved","seq":3}' }]);
});

test("a viewer's edit is dropped, and the viewer told, without a row in the log", async () => {
  const log = new HeldLog();
  const bench = new BenchRoom(log.log);
  const victor = bench.enter('victor', 'viewer');
  await joined(log, victor);
  victor.doc.getText('content').insert(0, 'let me in');
  victor.flush();
  await turn();
  assert.is(log.held.length, 0);
  assert.equal([...(victor.read()[0] ?? [])].slice(0, 2), [2, 0]);
  assert.is(victor.closed, null);
});

test.run();
