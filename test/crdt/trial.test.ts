// Large first syncs are tried out in a worker: real workers, real time.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { createTrial } from '../../src/crdt/trial.js';
import { asContrailError } from '../../src/model/errors.js';
import { structsOnOneKey } from '../support/poison.js';

const trial = createTrial({
  workerUrl: new URL('../../src/trial-worker.js', import.meta.url),
  maxHeapMiB: 512,
  maxWaiting: 2,
});
const structsOf = (update: Uint8Array): number => Y.decodeUpdate(update).structs.length;
const refusal = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: unknown) => `${asContrailError(error).code}: ${asContrailError(error).detail}`,
  );

test('a long document that was written offline passes', async () => {
  const doc = new Y.Doc();
  const text = doc.getText('content');
  for (let index = 0; index < 50_000; index += 1) text.insert(index % 2 === 0 ? 0 : text.length, 'x');
  const update = Y.encodeStateAsUpdate(doc);
  assert.ok(structsOf(update) > 20_000);
  const other = new Y.Doc();
  other.getText('content').insert(0, 'somebody was here');
  assert.is(await refusal(trial(Y.encodeStateAsUpdate(other), { update, structs: structsOf(update) })), 'accepted');
});

test('what would hold everybody up for seconds is refused in time', async () => {
  const structs = 64_000;
  const started = performance.now();
  const update = structsOnOneKey(structs);
  const answer = await refusal(trial(Y.encodeStateAsUpdate(new Y.Doc()), { update, structs }));
  assert.match(answer, /^invalid-update: the sync takes longer than 940 ms/);
  assert.ok(performance.now() - started < 30_000);
});

test('no more than so many wait for their turn', async () => {
  const empty = Y.encodeStateAsUpdate(new Y.Doc());
  const answers = await Promise.all([1, 2, 3].map(() => refusal(trial(empty, { update: empty, structs: 0 }))));
  assert.equal(
    answers.map((answer) => answer.split(':')[0]),
    ['accepted', 'accepted', 'overloaded'],
  );
});

test.run();
