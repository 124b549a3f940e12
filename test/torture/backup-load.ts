// npm run torture -- backup-load [backups] [seed]

import * as assert from 'uvu/assert';
import { backUpUnderLoad, describeBackups } from '../e2e/backup-load.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const report = await backUpUnderLoad(Number(args[0] ?? 100), 2_000, Number(args[1] ?? chooseSeed()));
  console.log(`  ${describeBackups(report)}`);
  assert.equal([report.failures, report.lostStructs, report.lostDeletes], [[], 0, 0]);
  assert.ok(report.editsPerSecond > 1_800, 'the load was as high as asked for');
};
