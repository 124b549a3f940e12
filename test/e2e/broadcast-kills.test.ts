// A fraction of the kills; all of them: npm run torture -- broadcast-kills.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { describeBroadcastKills, runBroadcastKills } from './broadcast-kills.js';

test('a broadcast to 1,000 people reaches everybody exactly once, though the server is killed and the sender asks again', async () => {
  const report = await runBroadcastKills(10, chooseSeed());
  console.log(`  ${describeBroadcastKills(report)}`);
  assert.equal([report.wrong, report.wrongInLog, report.surplus], [0, 0, 0]);
});

test.run();
