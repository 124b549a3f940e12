// npm run torture -- broadcast-kills [kills] [seed]

import * as assert from 'uvu/assert';
import { describeBroadcastKills, runBroadcastKills } from '../e2e/broadcast-kills.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const report = await runBroadcastKills(Number(args[0] ?? 100), Number(args[1] ?? chooseSeed()));
  console.log(`  ${describeBroadcastKills(report)}`);
  assert.equal([report.wrong, report.wrongInLog, report.surplus], [0, 0, 0]);
};
