// npm run torture -- canaries [operations in each mode] [seed] [tokens | open]

import * as assert from 'uvu/assert';
import { describeCanaries, runCanaries } from '../e2e/canaries.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const seed = Number(args[1] ?? chooseSeed());
  for (const mode of ['tokens', 'open'] as const) {
    if (args[2] !== undefined && args[2] !== mode) continue;
    const report = await runCanaries(Number(args[0] ?? 100_000), seed, mode);
    const { heapUsed, rss } = process.memoryUsage();
    console.log(`  ${mode}: ${describeCanaries(report)}`);
    console.log(`  memory ${Math.round(heapUsed / 1e6)} MB of heap, ${Math.round(rss / 1e6)} MB in all`);
    assert.equal([report.leaks, report.astray, report.unasked], [[], [], 0]);
  }
};
