// A day of polling in the main board's document. All 200 flights: `npm run torture -- channels`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { runBoardDay } from './board-of-a-day.js';

test('after a day of polling the board weighs what its flights do, and changes alone were written', async () => {
  const day = await runBoardDay(20, chooseSeed());
  console.log(`  ${JSON.stringify(day)}`);
  // 150 KB and 300 KB for 200 flights, and a quarter more because few flights vary more.
  assert.ok(day.mostBytes < 18_750, `${day.mostBytes} bytes`);
  assert.ok(day.writtenBytes < 37_500, `${day.writtenBytes} bytes written`);
  assert.ok(day.updates > 50);
});

test.run();
