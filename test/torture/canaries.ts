// npm run torture -- canaries [operations] [seed]

import * as assert from 'uvu/assert';
import { describeCanaries, runCanaries } from '../e2e/canaries.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const report = await runCanaries(Number(args[0] ?? 100_000), Number(args[1] ?? chooseSeed()));
  console.log(`  ${describeCanaries(report)}`);
  assert.equal([report.leaks, report.astray], [[], []]);
};
