// npm run torture -- kill [kills] [seed]

import * as assert from 'uvu/assert';
import { describeKills, runKills } from '../e2e/kill.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const report = await runKills(Number(args[0] ?? 3_000), Number(args[1] ?? chooseSeed()));
  console.log(`  ${describeKills(report)}`);
  assert.equal([report.lostStructs, report.lostDeletes, report.falseSaved], [0, 0, 0]);
  assert.ok(report.answerMs.max < 1_000, 'the first answer comes within a second');
};
