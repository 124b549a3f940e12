// The disk fails, and the writer dies: what callers and listeners see (spec: the log goes read-only and recovers by itself).

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqliteLog } from '../../src/log/sqlite-log.js';
import { codeOf, edit, notes, plan, seqsOf, unit } from './event-log.contract.js';
import { type Fault, faultyWriterUrl, setFault, until, withLog } from './temporary-log.js';

const withFaulty = (work: (log: SqliteLog, dataDir: string, faults: Error[]) => Promise<void>) => async () => {
  const faults: Error[] = [];
  await withLog((log, dataDir) => work(log, dataDir, faults), {
    writerUrl: faultyWriterUrl,
    onFault: (error) => faults.push(error),
  });
};
const large = edit(plan, { payload: new Uint8Array(1024 * 1024) });

for (const fault of ['full', 'commit', 'begin', 'die', 'refuse'] satisfies Fault[]) {
  test(
    `after the fault "${fault}" nothing half is there, reads go on, and writing comes back by itself`,
    withFaulty(async (log, dataDir, faults) => {
      const heard: boolean[] = [];
      const tailed: number[] = [];
      log.onWritable((writable) => heard.push(writable));
      log.tail((events) => tailed.push(...events.map(({ id }) => id)));
      await log.append([unit(edit(plan), edit(notes))]);
      setFault(dataDir, fault);
      const lost = [log.append([unit(edit(notes), large)]), log.append([unit(edit(plan))])];
      assert.equal(await Promise.all(lost.map(codeOf)), ['log-unavailable', 'log-unavailable']);
      assert.is(log.stats().writable, false);
      assert.is(await codeOf(log.append([unit(edit(plan))])), 'log-unavailable');
      assert.equal(await log.head(plan), { id: 1, seq: 1, at: 1_000 });
      assert.equal(heard, [false]);
      assert.ok(faults.length > 0);
      setFault(dataDir, null);
      await until(() => log.stats().writable);
      assert.equal(heard, [false, true]);
      assert.equal(seqsOf(await log.append([unit(edit(notes), large)])), [[2, 2]]);
      assert.equal(
        (await log.readAll(0, 10)).map(({ id, stream, seq }) => [id, stream, seq]),
        [
          [1, plan, 1],
          [2, notes, 1],
          [3, notes, 2],
          [4, plan, 2],
        ],
      );
      assert.equal(tailed, [1, 2, 3, 4]);
    }),
  );
}

test(
  'a commit whose answer is lost is in the head that is read next',
  withFaulty(async (log, dataDir) => {
    await log.append([unit(edit(plan))]);
    assert.is((await log.head(plan))?.seq, 1);
    setFault(dataDir, 'lost');
    assert.is(await codeOf(log.append([unit(edit(plan))])), 'log-unavailable');
    assert.is((await log.head(plan))?.seq, 2);
    setFault(dataDir, null);
    await until(() => log.stats().writable);
    await log.append([unit(edit(plan))]);
    assert.is((await log.head(plan))?.seq, 3);
  }),
);

test(
  'while the disk stays full, a probe does not call the log writable',
  withFaulty(async (log, dataDir, faults) => {
    setFault(dataDir, 'commit');
    assert.is(await codeOf(log.append([unit(edit(plan))])), 'log-unavailable');
    const before = faults.length;
    await until(() => faults.length >= before + 2);
    assert.is(log.stats().writable, false);
  }),
);

test(
  'a call that breaks an invariant is refused alone, its neighbours are logged',
  withFaulty(async (log, _dataDir, faults) => {
    const poison = edit(plan, { kind: 'version', meta: { poison: true } });
    const calls = [
      log.append([unit(edit(plan))]),
      log.append([unit(edit(notes), poison), unit(edit(notes))]),
      log.append([unit(edit(plan, { at: 1_000.5 }))]),
      log.append([unit(edit(plan))]),
    ];
    assert.equal(await Promise.all(calls.map(codeOf)), ['fulfilled', 'internal', 'internal', 'fulfilled']);
    assert.is(log.stats().writable, true);
    assert.is(faults.length, 2);
    assert.match(faults[1]?.message ?? '', 'SQLITE_CONSTRAINT');
    assert.equal(
      (await log.readAll(0, 10)).map(({ id, stream, seq }) => [id, stream, seq]),
      [
        [1, plan, 1],
        [2, plan, 2],
      ],
    );
  }),
);

test(
  'something that cannot be encoded is refused alone',
  withFaulty(async (log) => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const calls = [
      log.append([unit(edit(plan))]),
      log.append([unit(edit(notes)), unit(edit(plan, { meta: loop as never }))]),
      log.append([unit(edit(plan))]),
    ];
    assert.equal(await Promise.all(calls.map(codeOf)), ['fulfilled', 'internal', 'fulfilled']);
    assert.is((await log.head(plan))?.seq, 2);
    assert.is(await log.head(notes), null);
  }),
);

test(
  'closing a log whose disk has failed ends',
  withFaulty(async (log, dataDir) => {
    setFault(dataDir, 'commit');
    assert.is(await codeOf(log.append([unit(edit(plan))])), 'log-unavailable');
    await log.close();
  }),
);

test(
  'a burst larger than one batch is logged in order',
  withFaulty(async (log) => {
    const calls = Array.from({ length: 20 }, () => log.append([unit(large)]));
    assert.equal(
      (await Promise.all(calls)).map(seqsOf),
      calls.map((_, index) => [[index + 1]]),
    );
    assert.ok(log.stats().commits > 1);
  }),
);

test.run();
