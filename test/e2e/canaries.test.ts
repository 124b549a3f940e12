// A fraction of the canaries; all of them: npm run torture -- canaries.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { describeCanaries, runCanaries } from './canaries.js';

test('what is sent to one person never reaches another’s wire, on any path', async () => {
  const report = await runCanaries(2_000, chooseSeed());
  console.log(`  ${describeCanaries(report)}`);
  assert.equal(report.leaks, []);
  assert.equal(report.astray, []);
  for (const met of Object.values(report.own)) assert.ok(met > 100, 'the taps see what they should');
  assert.ok(report.violations > 0, 'somebody tried');
});

test.run();
