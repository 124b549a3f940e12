// A fraction of `npm run torture -- backup-load`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { backUpUnderLoad, describeBackups } from './backup-load.js';

test('backups while people type restore to a state at or after the moment they began, and verify is content', async () => {
  const report = await backUpUnderLoad(3, 500, chooseSeed());
  console.log(`  ${describeBackups(report)}`);
  assert.equal([report.failures, report.lostStructs, report.lostDeletes], [[], 0, 0]);
});

test.run();
