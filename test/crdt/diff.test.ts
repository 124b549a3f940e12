import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import type { Change } from '../../src/crdt/change-list.js';
import { createHistoryQueries } from '../../src/crdt/history-queries.js';
import { loadState } from '../../src/crdt/replay.js';
import { ContrailError } from '../../src/model/errors.js';
import { applyToModel, modelOf, sameModel } from '../support/diff-model.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';
import { dice, seedOr } from '../support/random.js';
import { Session } from '../support/session.js';

const seed = seedOr(11);
const [alice, bob] = ['alice', 'bob'].map(userIdOf);

/** Edits by alice and bob in turn, one event each; the diff of all events after the first `skip`. */
const diffOf = async (skip: number, edits: readonly ((doc: Y.Doc) => void)[]): Promise<readonly Change[]> => {
  const log = new DocumentLog();
  const doc = new Y.Doc();
  doc.on('update', (payload: Uint8Array) =>
    log.append({ actor: (log.seq % 2 === 0 ? alice : bob) ?? userIdOf('x'), at: (log.seq + 1) * 100, payload }),
  );
  for (const edit of edits) doc.transact(() => edit(doc));
  return (await createHistoryQueries(log).diff(log.id, { from: skip, to: log.seq })).changes;
};

test('a diff of text names what went and came, where, by whom and when', async () => {
  const changes = await diffOf(1, [
    (doc) => doc.getText('t').insert(0, 'hello cruel world'),
    (doc) => doc.getText('t').delete(6, 6),
    (doc) => doc.getText('t').insert(11, '!'),
  ]);
  assert.equal(changes, [
    { type: 'delete', path: ['t'], index: 6, text: 'cruel ', actor: bob, at: 200, seq: 2 },
    { type: 'insert', path: ['t'], index: 11, text: '!', actor: alice, at: 300, seq: 3 },
  ]);
});

test('a diff of rich text tells formats of text that stayed', async () => {
  const changes = await diffOf(1, [
    (doc) => doc.getText('t').insert(0, 'hello'),
    (doc) => doc.getText('t').format(1, 3, { bold: true }),
  ]);
  const attributes = { bold: { old: null, new: true } };
  assert.equal(changes, [
    { type: 'format', path: ['t'], index: 1, length: 3, attributes, actor: bob, at: 200, seq: 2 },
  ]);
});

test('a diff of maps and arrays tells the changed paths with old and new value', async () => {
  const changes = await diffOf(1, [
    (doc) => {
      doc.getMap('m').set('a', 1);
      doc.getMap('m').set('b', 2);
      doc.getMap('m').set('in', new Y.Map([['x', 'old']]));
      doc.getArray('l').insert(0, [1, 2, 3]);
    },
    (doc) => doc.getMap('m').set('a', 5),
    (doc) => doc.getMap('m').delete('b'),
    (doc) => (doc.getMap('m').get('in') as Y.Map<string>).set('x', 'new'),
    (doc) => doc.getArray('l').delete(1, 1),
  ]);
  const plain = JSON.parse(JSON.stringify(changes));
  assert.equal(plain, [
    { type: 'set', path: ['m', 'a'], old: 1, new: 5, actor: 'bob', at: 200, seq: 2 },
    { type: 'remove', path: ['m', 'b'], old: 2, actor: 'alice', at: 300, seq: 3 },
    { type: 'set', path: ['m', 'in', 'x'], old: 'old', new: 'new', actor: 'bob', at: 400, seq: 4 },
    { type: 'delete', path: ['l'], index: 1, values: [2], actor: 'alice', at: 500, seq: 5 },
  ]);
});

test(`any diff, carried out on the earlier state, gives the later one: all types (seed ${seed})`, async () => {
  let seen = 0;
  for (let round = 0; round < 40; round++) {
    const random = dice(seed + round);
    const session = new Session(random);
    session.edit(120);
    const { log } = session;
    const history = createHistoryQueries(log);
    for (let i = 0; i < 5; i++) {
      const [from, to] = [random.below(log.seq + 1), random.below(log.seq + 1)].sort((a, b) => a - b);
      const range = { from: from ?? 0, to: to ?? 0 };
      const { changes } = await history.diff(log.id, range);
      const model = modelOf((await loadState(log, log.id, { seq: range.from })).doc);
      const later = modelOf((await loadState(log, log.id, { seq: range.to })).doc);
      const where = `round ${round}, ${range.from} to ${range.to}`;
      try {
        applyToModel(model, changes);
      } catch (error) {
        throw new Error(where, { cause: error });
      }
      assert.is(sameModel(model, later), null, where);
      for (const change of changes) {
        assert.ok(change.seq > range.from && change.seq <= range.to);
        assert.is(log.events[change.seq - 1]?.actor, change.actor);
      }
      seen += changes.length;
    }
  }
  assert.ok(seen > 2_000, `${seen} changes`);
});

test('a range in the wrong order and a seq that is not there are refused', async () => {
  const log = new DocumentLog();
  const doc = new Y.Doc();
  doc.on('update', (payload: Uint8Array) => log.append({ actor: userIdOf('alice'), at: 1, payload }));
  doc.getText('t').insert(0, 'a');
  doc.getText('t').insert(0, 'b');
  const history = createHistoryQueries(log);
  const code = (range: { from: number; to: number }) =>
    history.diff(log.id, range).then(
      () => 'nothing was thrown',
      (error) => (error instanceof ContrailError ? `${error.code} ${error.extra['head'] ?? ''}` : error),
    );
  assert.is(await code({ from: 2, to: 1 }), 'bad-request ');
  assert.is(await code({ from: 1, to: 3 }), 'seq-not-found 2');
});

test.run();
