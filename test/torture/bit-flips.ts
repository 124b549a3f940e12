// npm run torture -- bit-flips [flips] [seed]

import * as assert from 'uvu/assert';
import { describeFlips, flipBits } from '../e2e/bit-flips.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const report = await flipBits(Number(args[0] ?? 1_000), Number(args[1] ?? chooseSeed()));
  console.log(`  ${describeFlips(report)}`);
  assert.equal(report.failures, []);
};
