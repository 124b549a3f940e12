// A fraction of `npm run torture -- bit-flips`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { describeFlips, flipBits } from './bit-flips.js';

test('a bit turned anywhere in the database is harmless or named by verify, and the other documents open', async () => {
  const report = await flipBits(15, chooseSeed());
  console.log(`  ${describeFlips(report)}`);
  assert.equal(report.failures, []);
});

test.run();
