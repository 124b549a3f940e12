// npm run torture -- slow-readers [readers] [edits per second] [seconds] [seed]

import * as assert from 'uvu/assert';
import { describeSlowReaders, runSlowReaders } from '../e2e/slow-readers.js';
import { chooseSeed } from '../support/seed.js';

const MiB = 1024 * 1024;

export const torture = async (args: readonly string[]): Promise<void> => {
  const options = {
    readers: Number(args[0] ?? 500),
    editsPerSecond: Number(args[1] ?? 2_000),
    seconds: Number(args[2] ?? 20),
    valueChars: 500,
    seed: Number(args[3] ?? chooseSeed()),
  };
  const report = await runSlowReaders(options);
  console.log(`  ${describeSlowReaders(options, report)}`);
  assert.is(report.wrong, 0);
  assert.ok(
    report.rssMostBytes - report.rssBeforeBytes < options.readers * 1.25 * MiB + 200 * MiB,
    'memory is bounded',
  );
};
