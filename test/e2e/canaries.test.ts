// A fraction of the canaries; all of them: npm run torture -- canaries.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { type CanaryMode, describeCanaries, runCanaries } from './canaries.js';

const noCanaryElsewhere = async (mode: CanaryMode): Promise<void> => {
  const report = await runCanaries(1_500, chooseSeed(), mode);
  console.log(`  ${describeCanaries(report)}`);
  assert.equal(report.leaks, []);
  assert.equal(report.astray, []);
  assert.is(report.unasked, 0);
  for (const met of Object.values(report.own)) assert.ok(met > 100, 'the taps see what they should');
  assert.ok(report.refusals > 0, 'somebody tried');
};

test('what is sent to one person never reaches another’s wire, on any path', () => noCanaryElsewhere('open'));

test('nor do a document and its title, text and id that are one person’s alone', () => noCanaryElsewhere('tokens'));

test.run();
