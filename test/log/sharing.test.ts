// Which appends share a commit: what each costs those who wait.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf, edit, notes, plan, seqsOf, unit } from './event-log.contract.js';
import { faultyWriterUrl, openLog, setFault, withFolder, withLog } from './temporary-log.js';

const patient = { patient: true };
const idsOf = async (append: ReturnType<typeof unitOf>) =>
  (await append).flatMap((outcome) => (outcome.ok ? outcome.positions.map(({ id }) => id) : []));
const unitOf = (log: Awaited<ReturnType<typeof openLog>>, options?: typeof patient) =>
  log.append([unit(edit(options ? plan : notes))], options);

test('a patient append goes along with the next one that is made, behind it', () =>
  withLog(async (log) => {
    const waiting = unitOf(log, patient);
    const next = unitOf(log);
    assert.equal(await Promise.all([next, waiting].map(idsOf)), [[1], [2]]);
    assert.is(log.stats().commits, 1);
  }));

test('a patient append that nobody comes along with is logged all the same', () =>
  withLog(async (log) => {
    assert.equal(seqsOf(await unitOf(log, patient)), [[1]]);
    assert.equal(seqsOf(await unitOf(log, patient)), [[2]]);
    assert.is(log.stats().commits, 2);
  }));

test('several patient appends share a commit of their own', () =>
  withLog(async (log) => {
    const all = [unitOf(log, patient), unitOf(log, patient), unitOf(log, patient)];
    assert.equal(await Promise.all(all.map(idsOf)), [[1], [2], [3]]);
    assert.is(log.stats().commits, 1);
  }));

test('an orderly stop logs what waits patiently', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir);
    const waiting = unitOf(log, patient);
    await log.close();
    assert.equal(await idsOf(waiting), [1]);
    const again = await openLog(dataDir);
    assert.is((await again.head(plan))?.seq, 1);
    await again.close();
  }));

test('when the disk fails, patient appends are refused like the others', () =>
  withLog(
    async (log, dataDir) => {
      setFault(dataDir, 'commit');
      assert.equal(await Promise.all([unitOf(log, patient), unitOf(log)].map(codeOf)), [
        'log-unavailable',
        'log-unavailable',
      ]);
      assert.is(await log.head(plan), null);
    },
    { writerUrl: faultyWriterUrl },
  ));

test('what came in during a commit, and what those append who heard of it, share the next', () =>
  withLog(async (log) => {
    const answered = unitOf(log).then(() => unitOf(log));
    // A moment later, so that the first is under way.
    const meanwhile = Promise.resolve().then(() => unitOf(log));
    await Promise.all([answered, meanwhile]);
    assert.is(log.stats().commits, 2);
  }));

test.run();
