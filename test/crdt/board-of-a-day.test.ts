// A day of polling 200 flights, in the log and in the main board's document. More seeds: `npm run torture -- channels`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failingDay } from '../flights/day-of-polling.js';
import { chooseSeed } from '../support/seed.js';
import { holdBoardDay } from './board-of-a-day.js';

test('a day of polling writes little, and the board weighs what its flights do', async () => {
  const day = await holdBoardDay(chooseSeed());
  assert.ok(day.updates > 1_000);
});

for (const seed of [2, chooseSeed()])
  test('a day on which the source fails writes hardly more', async () => {
    const day = await holdBoardDay(seed, failingDay);
    assert.ok(day.stale > 20);
  });

test.run();
