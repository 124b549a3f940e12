// A part of the random schedules; all of them: `npm run torture -- channels`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { runSchedules } from './channel-schedules.js';

const schedules = 12;

test('whoever connects, from whichever browser, sees what the server shows them, and nothing is resurrected or sticks', async () => {
  const report = await runSchedules(schedules, chooseSeed());
  console.log(`  ${JSON.stringify(report)}`);
  assert.ok(report.checks > 8 * schedules, 'enough was looked at');
});

test.run();
