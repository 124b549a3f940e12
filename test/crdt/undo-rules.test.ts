import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { createHistoryQueries } from '../../src/crdt/history-queries.js';
import { documentJson } from '../../src/crdt/root-types.js';
import { UndoHistory } from '../../src/crdt/undo.js';
import type { UndoScope } from '../../src/crdt/undo-event.js';
import { ContrailError } from '../../src/model/errors.js';
import type { EventKind } from '../../src/model/events.js';
import { systemActor, type UserId } from '../../src/model/ids.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';

const alice = userIdOf('alice');
const bob = userIdOf('bob');
const client = 4_000_000_005;

/** One document that everybody edits in turn; each `undo` is computed by a server that has just started. */
class Bench {
  readonly log = new DocumentLog();
  readonly doc = new Y.Doc();
  at = 1_000_000;

  by(actor: UserId, edit: (text: Y.Text) => void, options: { after?: number; kind?: EventKind } = {}): void {
    this.at += options.after ?? 1_000;
    this.doc.once('update', (payload: Uint8Array) =>
      this.log.append({ actor, at: this.at, payload, kind: options.kind ?? 'edit' }),
    );
    this.doc.transact(() => edit(this.doc.getText('content')));
  }

  async undo(actor: UserId, kind: 'undo' | 'redo' = 'undo', scope: UndoScope = 'user'): Promise<readonly number[]> {
    const history = createHistoryQueries(this.log);
    const { update, undone, meta, head } = await history.undo(this.log.id, { kind, actor, scope, client });
    assert.is(head, this.log.seq);
    this.publish(actor, kind, update, meta);
    return undone;
  }

  publish(actor: UserId, kind: EventKind, payload: Uint8Array | null, meta: object | null): void {
    this.at += 1_000;
    if (payload !== null) Y.applyUpdate(this.doc, payload);
    this.log.append({ actor, at: this.at, kind, payload, meta: meta as never });
  }

  get text(): string {
    return this.doc.getText('content').toString();
  }
}

const code = (task: Promise<unknown>): Promise<string> =>
  task.then(
    () => 'nothing was thrown',
    (error) => (error instanceof ContrailError ? error.code : String(error)),
  );

test('one call undoes the last step of somebody who comes back after a restart; other people’s text stays', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'one '));
  bench.by(alice, (text) => text.insert(4, 'tw'));
  bench.by(alice, (text) => text.insert(6, 'o '), { after: 499 });
  bench.by(bob, (text) => text.insert(5, 'BOB'));
  assert.equal(await bench.undo(alice), [2, 3]);
  assert.is(bench.text, 'one BOB');
  assert.equal(await bench.undo(alice), [1]);
  assert.is(bench.text, 'BOB');
  assert.is(await code(bench.undo(alice)), 'nothing-to-undo');
  assert.equal(await bench.undo(alice, 'redo'), [6]);
  assert.equal(await bench.undo(alice, 'redo'), [5]);
  assert.is(bench.text, 'one tBOBwo ');
  assert.is(await code(bench.undo(alice, 'redo')), 'nothing-to-undo');
});

test('a pause of 500 ms begins a new step, a new edit clears what could be redone', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'a'));
  bench.by(alice, (text) => text.insert(1, 'b'), { after: 500 });
  assert.equal(await bench.undo(alice), [2]);
  bench.by(alice, (text) => text.insert(1, 'c'));
  assert.is(await code(bench.undo(alice, 'redo')), 'nothing-to-undo');
  assert.is(bench.text, 'ac');
});

test('the scope document takes back the last step of anybody, and no further than one person’s', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'a'));
  bench.by(bob, (text) => text.insert(1, 'b'), { after: 10 });
  assert.equal(await bench.undo(alice, 'undo', 'document'), [2]);
  assert.is(bench.text, 'a');
  assert.equal(await bench.undo(bob, 'undo', 'document'), [1]);
  assert.equal(await bench.undo(alice, 'redo', 'document'), [4]);
  assert.is(bench.text, 'a');
});

test('seeded content and what the system does are never undone', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'seed'), { kind: 'created' });
  bench.by(systemActor, (text) => text.insert(4, '!'));
  assert.is(await code(bench.undo(alice)), 'nothing-to-undo');
  assert.is(await code(bench.undo(alice, 'undo', 'document')), 'nothing-to-undo');
});

test('edits by REST and restores are steps of whoever asked for them', async () => {
  const bench = new Bench();
  bench.by(bob, (text) => text.insert(0, 'draft'));
  bench.by(bob, (text) => text.insert(5, ' two'));
  const history = createHistoryQueries(bench.log);
  const edit = { path: ['content'], action: 'insert', index: 0, value: 'REST ' } as const;
  bench.publish(alice, 'edit', (await history.edit(bench.log.id, { edit, client })).update, null);
  const restore = await history.restore(bench.log.id, { seq: 1, actor: alice, at: bench.at, client });
  bench.publish(alice, 'restored', restore.update, { seq: 1 });
  assert.is(bench.text, 'draft');
  assert.equal(await bench.undo(alice), [4]);
  assert.is(bench.text, 'REST draft two');
  assert.equal(await bench.undo(alice), [3]);
  assert.is(bench.text, 'draft two');
  assert.equal(await bench.undo(alice, 'redo'), [6]);
  assert.equal(await bench.undo(bob), [2]);
  assert.is(bench.text, 'REST draft');
});

test('every root is in scope, also one that appears after an undo', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'a'));
  await bench.undo(alice);
  bench.by(alice, () => bench.doc.getMap('new').set('list', new Y.Array()));
  bench.by(alice, () => (bench.doc.getMap('new').get('list') as Y.Array<number>).push([1]));
  await bench.undo(alice);
  assert.is(JSON.stringify(documentJson(bench.doc)), '{"new":{"list":[]}}');
  await bench.undo(alice);
  assert.is(JSON.stringify(documentJson(bench.doc)), '{}');
});

test('an undo that changed nothing is an event, and uses up its step', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'a'));
  bench.by(bob, (text) => text.delete(0, 1));
  assert.equal(await bench.undo(alice), []);
  assert.is(bench.log.events.at(-1)?.payload, null);
  assert.is(await code(bench.undo(alice)), 'nothing-to-undo');
});

test('an answer that was not logged leaves no trace in a server that keeps running', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'a'));
  const history = new UndoHistory(bench.log, bench.log.id);
  const request = { kind: 'undo', scope: 'user', actor: alice, client } as const;
  await history.compute(request);
  bench.by(bob, (text) => text.insert(1, 'b'));
  const again = await history.compute(request);
  assert.equal([again.head, again.undone], [2, [1]]);
  bench.publish(alice, 'undo', again.update, again.meta);
  assert.is(bench.text, 'b');
  assert.equal((await history.compute({ ...request, kind: 'redo' })).undone, [3]);
});

test('an undo that another program logged otherwise is taken as logged, and can be redone', async () => {
  const bench = new Bench();
  bench.by(alice, (text) => text.insert(0, 'ab'));
  const other = new Y.Doc();
  other.clientID = client;
  Y.applyUpdate(other, Y.encodeStateAsUpdate(bench.doc));
  const before = Y.encodeStateVector(other);
  other.getText('content').delete(0, 1);
  const meta = { client, scope: 'user', undone: [1], from: 0 };
  bench.publish(alice, 'undo', Y.encodeStateAsUpdate(other, before), meta);
  const history = new UndoHistory(bench.log, bench.log.id);
  const { doc } = await history.replica();
  assert.is(history.rebuilds, 1);
  assert.is(JSON.stringify(documentJson(doc)), '{"content":"b"}');
  assert.equal(await bench.undo(alice, 'redo'), [2]);
  assert.is(bench.text, 'ab');
  assert.is(await code(bench.undo(alice, 'redo')), 'nothing-to-undo');
});

test('what lies further back than the depth is out of reach, unless an undo within it took it back', async () => {
  const bench = new Bench();
  const options = { groupMs: 500, depth: 3 };
  const compute = (kind: 'undo' | 'redo', actor: UserId) =>
    new UndoHistory(bench.log, bench.log.id, options).compute({ kind, actor, scope: 'user', client });
  bench.by(alice, (text) => text.insert(0, 'alice '));
  bench.by(bob, (text) => text.insert(0, '1'));
  bench.by(bob, (text) => text.insert(0, '2'));
  const answer = await compute('undo', alice);
  bench.publish(alice, 'undo', answer.update, answer.meta);
  bench.by(bob, (text) => text.insert(0, '3'));
  bench.by(bob, (text) => text.insert(0, '4'));
  const redo = await compute('redo', alice);
  assert.equal(redo.undone, [4]);
  bench.publish(alice, 'redo', redo.update, redo.meta);
  assert.is(bench.text, '4321alice ');
  for (const digit of ['5', '6', '7']) bench.by(bob, (text) => text.insert(0, digit));
  assert.is(await code(compute('undo', alice)), 'nothing-to-undo');
  assert.equal((await compute('undo', bob)).undone, [10]);
});

test('whoever asked in time gets the step, however much others write until the answer is logged', async () => {
  const bench = new Bench();
  const options = { groupMs: 500, depth: 3 };
  const history = new UndoHistory(bench.log, bench.log.id, options);
  const request = { kind: 'undo', actor: alice, scope: 'user', client } as const;
  bench.by(alice, (text) => text.insert(0, 'alice'));
  assert.equal((await history.compute(request)).undone, [1]);
  for (const digit of ['1', '2', '3', '4']) bench.by(bob, (text) => text.insert(0, digit));
  assert.is(await code(new UndoHistory(bench.log, bench.log.id, options).compute(request)), 'nothing-to-undo');
  assert.equal((await history.compute(request)).undone, [1], 'too late for the first answer');
  for (const digit of ['5', '6', '7']) bench.by(bob, (text) => text.insert(0, digit));
  const { update, undone, meta } = await history.compute(request);
  assert.equal(undone, [1], 'and for the second');
  bench.publish(alice, 'undo', update, meta);
  assert.is(bench.text, '7654321');
  const redo = await new UndoHistory(bench.log, bench.log.id, options).compute({ ...request, kind: 'redo' });
  bench.publish(alice, 'redo', redo.update, redo.meta);
  assert.is(bench.text, '7654321alice');
});

test.run();
