// Counts, lists and open views against a recount, under random operations with crashes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './random-operations.js';

test('counts, lists and open views equal a recount after random operations and crashes', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`  seed ${seed}`);
  const figures = await run(1000, seed);
  assert.ok(figures.restarts > 0 && figures.viewChecks > 50, 'it was not vacuous');
});

test.run();
