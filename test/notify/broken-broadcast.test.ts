// A broadcast whose server dies half-way.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './broken-broadcast.js';

test('a broadcast killed half-way again and again reaches everybody exactly once', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`  seed ${seed}`);
  const { deaths, refusals } = await run(30, seed, 150);
  assert.ok(deaths > 5 && refusals > 2, 'it was not vacuous');
});

test.run();
