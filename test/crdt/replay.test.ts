import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { checkpointIsDue } from '../../src/crdt/checkpoint-rule.js';
import { loadState, replayInto } from '../../src/crdt/replay.js';
import { ContrailError } from '../../src/model/errors.js';
import { documentStream } from '../../src/model/ids.js';
import { DocumentLog, documentIdOf, userIdOf } from '../support/document-log.js';
import { dice, seedOr } from '../support/random.js';
import { randomEdit } from '../support/random-edits.js';
import { dumpDocument } from './document-dump.js';

const seeds = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => seedOr(2711) + index);

const alice = userIdOf('alice');

const typed = (count: number, log = new DocumentLog()): DocumentLog => {
  const doc = new Y.Doc();
  doc.clientID = 7;
  let at = 1_000;
  doc.on('update', (payload: Uint8Array) => log.append({ actor: alice, at: at++, payload }));
  for (let i = 0; i < count; i++) doc.getText('content').insert(i, String(i % 10));
  return log;
};

/** Every item of a document, collected ones included. */
const itemsOf = (doc: Y.Doc): readonly string[] =>
  [...doc.store.clients]
    .flatMap(([client, items]) =>
      items.map((item) => {
        const kind = item instanceof Y.Item ? item.content.constructor.name : item.constructor.name;
        return `${client}:${item.id.clock}+${item.length} ${kind}${item.deleted ? ' deleted' : ''}`;
      }),
    )
    .sort();

const codeOf = async (task: Promise<unknown>): Promise<string> =>
  task.then(
    () => 'nothing was thrown',
    (error) => (error instanceof ContrailError ? error.code : String(error)),
  );

test('a document loads as it was at each seq', async () => {
  const log = typed(30);
  log.append({ actor: alice, at: 5_000, kind: 'locked' });
  for (const seq of [0, 1, 17, 30, 31]) {
    const state = await loadState(log, log.id, { seq });
    assert.is(state.doc.getText('content').toString(), '012345678901234567890123456789'.slice(0, seq));
    assert.is(state.seq, seq);
  }
  assert.is((await loadState(log, log.id)).seq, 31);
});

test('a checkpoint shortens the way and changes nothing', async () => {
  const plain = typed(3_000);
  const cached = typed(3_000);
  for (const seq of [500, 2_200]) {
    const { doc } = await loadState(plain, plain.id, { seq });
    cached.checkpoints.push({ stream: documentStream(cached.id), seq, state: Y.encodeStateAsUpdate(doc) });
  }
  for (const seq of [499, 500, 501, 2_500, 3_000]) {
    const [a, b] = [await loadState(plain, plain.id, { seq }), await loadState(cached, cached.id, { seq })];
    assert.equal(Y.encodeStateAsUpdate(a.doc), Y.encodeStateAsUpdate(b.doc));
    assert.is(b.checkpointSeq, seq < 500 ? 0 : seq < 2_200 ? 500 : 2_200);
    assert.is.not(b.bytesSince > 0, seq === 500);
  }
});

test('a checkpoint loads into the very items of the document it was taken of, and what comes after it makes the same document', async () => {
  for (const seed of seeds(20)) {
    const { chance, pick, ...rest } = dice(seed);
    const server = new Y.Doc();
    server.clientID = 1;
    const log = new DocumentLog();
    server.on('update', (payload: Uint8Array) => log.append({ actor: alice, at: 1, payload }));
    const people = ['a', 'b', 'c'].map((author, index) => {
      const doc = new Y.Doc();
      doc.clientID = 100 + index;
      return { author, doc };
    });
    for (let step = 0; step < 300; step += 1) {
      const { author, doc } = pick(people);
      randomEdit(doc, author, { chance, pick, ...rest });
      if (chance(0.3)) {
        Y.applyUpdate(server, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(server)));
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(server, Y.encodeStateVector(doc)));
      }
      if (!chance(0.05) || log.events.length === 0) continue;
      const [seq, state] = [log.events.length, Y.encodeStateAsUpdate(server)];
      log.checkpoints.push({ stream: documentStream(log.id), seq, state });
      const { doc: loaded } = await loadState(log, log.id);
      assert.equal(itemsOf(loaded), itemsOf(server), `SEED=${seed}`);
    }
    for (const { seq } of log.checkpoints) {
      const late = new DocumentLog();
      for (const event of log.events) late.append(event);
      late.checkpoints.push(...log.checkpoints.filter((one) => one.seq === seq));
      const { doc } = await loadState(late, late.id);
      assert.is(dumpDocument(doc), dumpDocument(server), `SEED=${seed}`);
    }
  }
});

test('what is not there has its own error', async () => {
  const log = typed(3);
  assert.is(await codeOf(loadState(log, documentIdOf('other'))), 'not-found');
  assert.is(await codeOf(loadState(log, log.id, { seq: 4 })), 'seq-not-found');
  assert.is(await codeOf(loadState(log, log.id, { seq: -1 })), 'seq-not-found');
});

test('a hole in the history, and an update that is none, are reported and never hidden', async () => {
  const log = typed(3);
  const [first, , third] = log.events;
  const holey = new DocumentLog();
  for (const event of [first, third]) if (event) holey.append(event);
  assert.is(await codeOf(loadState(holey, holey.id)), 'internal');
  const broken = new DocumentLog();
  broken.append({ actor: alice, at: 1, payload: new Uint8Array([3, 1, 4, 1, 5]) });
  assert.is(await codeOf(loadState(broken, broken.id)), 'internal');
});

test('replay does not tidy nested rich text by itself', () => {
  const doc = new Y.Doc();
  const other = new Y.Doc();
  doc.getMap('m').set('t', new Y.Text('hello world'));
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const inner = (d: Y.Doc) => d.getMap('m').get('t') as Y.Text;
  inner(doc).format(0, 5, { bold: true });
  inner(other).format(0, 5, { bold: true });
  const replica = new Y.Doc();
  const payloads = [doc, other].map((d) => Y.encodeStateAsUpdate(d));
  replayInto(
    replica,
    payloads.map((payload, index) => ({ seq: index + 1, kind: 'edit', payload })),
  );
  const merged = Y.decodeUpdate(Y.encodeStateAsUpdate(replica));
  assert.is(merged.ds.clients.size, 0);
});

test('a checkpoint is due after 64 KiB, or half of what the state weighs deflated when that is more', () => {
  assert.not(checkpointIsDue(65_536, 0));
  assert.ok(checkpointIsDue(65_537, 0));
  assert.not(checkpointIsDue(250_000, 1_000_000));
  assert.ok(checkpointIsDue(250_001, 1_000_000));
});

test.run();
