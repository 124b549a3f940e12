import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryLog } from '../../src/log/memory-log.js';
import { codeOf, edit, eventLogContract, plan, unit } from './event-log.contract.js';

eventLogContract(test, 'memory', async (work) => {
  const log = createMemoryLog();
  try {
    await work(log);
  } finally {
    await log.close();
  }
});

test('a memory log can be told to refuse writes', async () => {
  const log = createMemoryLog();
  const heard: boolean[] = [];
  log.onWritable((writable) => heard.push(writable));
  log.setWritable(false);
  assert.is(await codeOf(log.append([unit(edit(plan))])), 'log-unavailable');
  log.setWritable(true);
  assert.is(await codeOf(log.append([unit(edit(plan))])), 'fulfilled');
  assert.equal(heard, [false, true]);
});

test.run();
