// A broadcast whose server dies half-way.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from './broken-broadcast.js';

test('a broadcast killed half-way a hundred times reaches everybody exactly once', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`  seed ${seed}`);
  const { deaths, refusals } = await run(100, seed, 200);
  assert.ok(deaths > 10 && refusals > 5, 'it was not vacuous');
});

test.run();
