import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Body } from '../../src/crdt/history.js';
import { HistoryPool, type HistoryPoolOptions } from '../../src/crdt/history-pool.js';
import { ContrailError } from '../../src/model/errors.js';
import { systemClock } from '../../src/model/time.js';
import { childrenOf, priorityOf } from '../support/child-processes.js';
import { until } from '../support/deadline.js';
import { documentIdOf, userIdOf } from '../support/document-log.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const plan = documentIdOf('plan');
const alice = userIdOf('alice');

const withPool = async (
  limits: Partial<HistoryPoolOptions>,
  task: (pool: HistoryPool) => Promise<void>,
): Promise<void> => {
  const pool = new HistoryPool({
    entry: new URL('../support/history-test-worker.js', import.meta.url),
    workerData: { text: 'hello' },
    workers: 1,
    timeoutMs: 20_000,
    maxHeapMib: 64,
    maxWaiting: 10,
    clock: systemClock,
    ...limits,
  });
  try {
    await task(pool);
  } finally {
    await pool.close();
  }
};

const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'nothing was thrown',
    (error) => (error instanceof ContrailError ? error.code : String(error)),
  );
const text = { as: 'text' } as const;

test('questions asked of the pool are answered from the log, errors included', () =>
  withPool({ workers: 2 }, async (pool) => {
    assert.equal(await pool.stateAt(plan, { seq: 4, as: 'text' }), { seq: 4, state: 'hell' });
    assert.is((await pool.diff(plan, { from: 3, to: 5 })).changes.length, 2);
    assert.is((await pool.attribution(plan, { name: 'content' })).runs[0]?.actor, alice);
    const update = (await pool.stateAt(plan, { as: 'update' })).state;
    assert.ok(update instanceof Uint8Array);
    assert.equal(await pool.stateBody(plan, { as: 'update', gzip: true }), { bytes: update, encoding: null });
    const read = ({ bytes }: Body) => new TextDecoder().decode(bytes);
    const plain = { gzip: false } as const;
    assert.is(read(await pool.stateBody(plan, { seq: 4, as: 'text', ...plain })), 'hell');
    assert.is(read(await pool.stateBody(plan, { seq: 4, as: 'json', ...plain })), '{"content":"hell"}');
    const diffed = JSON.parse(read(await pool.diffBody(plan, { from: 4, to: 5, ...plain })));
    assert.is(diffed.changes[0].at, '1970-01-01T00:00:00.005Z');
    const attributed = JSON.parse(read(await pool.attributionBody(plan, { name: 'content', ...plain })));
    assert.equal([attributed.seq, attributed.runs[0].actor], [5, 'alice']);
    const undo = { kind: 'undo', scope: 'user', actor: alice, client: 9 } as const;
    assert.equal((await pool.undo(plan, undo)).undone, [1, 2, 3, 4, 5]);
    const edit = { path: ['content'], action: 'insert', value: '!' } as const;
    assert.is((await pool.edit(plan, { edit, client: 9 })).head, 5);
    assert.is(await codeOf(pool.stateAt(documentIdOf('other'), text)), 'not-found');
    const error = await pool.stateAt(plan, { seq: 9, as: 'text' }).catch((thrown) => thrown);
    assert.equal([error.code, error.extra], ['seq-not-found', { head: 5 }]);
    assert.is(await codeOf(pool.stateAt(documentIdOf('broken'), text)), 'internal');
  }));

test('a query beyond its time is ended, and those behind it are answered', () =>
  withPool({ timeoutMs: 1_500 }, async (pool) => {
    const endless = codeOf(pool.stateAt(documentIdOf('endless'), text));
    const behind = pool.stateAt(plan, text);
    assert.is(await endless, 'query-too-large');
    assert.is((await behind).state, 'hello');
  }));

test('a query beyond its memory is ended, and those behind it are answered', () =>
  withPool({}, async (pool) => {
    const greedy = codeOf(pool.stateAt(documentIdOf('greedy'), text));
    const behind = pool.stateAt(plan, text);
    assert.is(await greedy, 'query-too-large');
    assert.is((await behind).state, 'hello');
  }));

test('a full queue refuses, and a closed pool answers nobody', async () => {
  let late: Promise<string> = Promise.resolve('');
  await withPool({ maxWaiting: 2 }, async (pool) => {
    late = codeOf(pool.stateAt(documentIdOf('endless'), text));
    const waiting = [pool.stateAt(plan, text), pool.stateAt(plan, text)].map(codeOf);
    assert.is(await codeOf(pool.stateAt(plan, text)), 'overloaded');
    await pool.close();
    assert.equal(await Promise.all(waiting), ['restarting', 'restarting']);
    assert.is(await codeOf(pool.stateAt(plan, text)), 'restarting');
  });
  assert.is(await late, 'restarting');
});

test('a pool is warming until its first worker is warm, or has failed, or takes too long', async () => {
  await withPool({ workerData: { text: 'hello', warmUpMs: 50 } }, async (pool) => {
    assert.is(pool.warming, false);
    pool.start({ awaited: true });
    assert.is(pool.warming, true);
    await until(() => !pool.warming, 'it is warm');
  });
  await withPool({ entry: new URL('./absent.js', import.meta.url) }, async (pool) => {
    pool.start({ awaited: true });
    await until(() => !pool.warming, 'it has failed');
  });
  const clock = createVirtualClock(0);
  await withPool({ workerData: { text: 'hello', warmUpMs: 60_000 }, clock }, async (pool) => {
    pool.start({ awaited: true });
    await clock.advance(4_999);
    assert.is(pool.warming, true);
    await clock.advance(1);
    assert.is(pool.warming, false);
  });
});

test('another document does not wait for a cold worker, and no longer for a busy one once there is a second warm one', () =>
  withPool({ workers: 2, timeoutMs: 3_000 }, async (pool) => {
    assert.is((await pool.stateAt(plan, text)).state, 'hello');
    const order: string[] = [];
    const slow = pool.stateAt(documentIdOf('slow'), text).then(() => order.push('slow'));
    const behind = pool.stateAt(plan, text).then(() => order.push('behind'));
    await Promise.all([slow, behind]);
    assert.equal(order, ['slow', 'behind']);
    // The wait has started the second worker; it is used once it says that it is warm.
    await until(async () => {
      order.length = 0;
      const again = pool.stateAt(documentIdOf('slow'), text).then(() => order.push('slow'));
      await Promise.all([again, pool.stateAt(plan, text).then(() => order.push('plan'))]);
      return order[0] === 'plan';
    }, 'the second worker takes part');
  }));

test('a query whose worker gets no core is answered by one that does, and ten minutes later idle work is tried again', async () => {
  const clock = createVirtualClock(0);
  await withPool({ clock }, async (pool) => {
    const worker = () => childrenOf(process.pid).find((pid) => pid !== stopped) ?? -1;
    let stopped = -1;
    assert.is((await pool.stateAt(plan, text)).state, 'hello');
    assert.is(priorityOf(worker()).idle, true);
    const first = worker();
    process.kill(first, 'SIGSTOP');
    const behind = [pool.stateAt(plan, text), pool.stateAt(plan, text)];
    await clock.advance(399);
    assert.equal(childrenOf(process.pid), [first]);
    stopped = first;
    await clock.advance(1);
    assert.equal(
      (await Promise.all(behind)).map(({ state }) => state),
      ['hello', 'hello'],
    );
    await until(() => priorityOf(worker()).nice === 5, 'it has a share and no more, once it is warm');
    assert.is(priorityOf(worker()).idle, false);
    // One that has its share is left alone.
    const second = worker();
    await clock.advance(10 * 60_000 - 1);
    assert.is((await pool.stateAt(plan, text)).state, 'hello');
    assert.is(worker(), second);
    await clock.advance(1);
    assert.is((await pool.stateAt(plan, text)).state, 'hello');
    stopped = second;
    await until(() => worker() > 0 && priorityOf(worker()).idle, 'idle work again');
    assert.is((await pool.stateAt(plan, text)).state, 'hello');
  });
});

test('a worker that cannot start fails the query, not the process', () =>
  withPool({ entry: new URL('./absent.js', import.meta.url) }, async (pool) => {
    assert.is(await codeOf(pool.stateAt(plan, text)), 'internal');
    assert.is(await codeOf(pool.stateAt(plan, text)), 'internal');
  }));

test.run();
