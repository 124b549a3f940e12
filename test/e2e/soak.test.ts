// A fraction of the soak; a long one: npm run torture -- soak.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { describeSoak, runSoak } from './soak.js';

test('people, devices, undo, restores, locks, roles, flights, notifications and kill -9 at once: all hold what the log says', async () => {
  const report = await runSoak(240, chooseSeed());
  console.log(`  ${describeSoak(report)}`);
  assert.is(report.rests, 4);
});

test.run();
