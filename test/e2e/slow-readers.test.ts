import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseSeed } from '../support/seed.js';
import { describeSlowReaders, runSlowReaders } from './slow-readers.js';

const MiB = 1024 * 1024;

test('connections that never read cost bounded memory and nobody else anything, and are right once they read', async () => {
  const options = { readers: 60, editsPerSecond: 1_000, seconds: 5, valueChars: 1_000, seed: chooseSeed() };
  const report = await runSlowReaders(options);
  console.log(`  ${describeSlowReaders(options, report)}`);
  assert.is(report.wrong, 0);
  assert.equal(
    Object.keys(report.closed).filter((code) => code !== '1013'),
    [],
  );
  assert.ok(
    report.rssMostBytes - report.rssBeforeBytes < options.readers * 1.25 * MiB + 200 * MiB,
    'memory is bounded',
  );
  assert.ok(report.latencyMs.p99 < 2_000, 'the healthy reader is not held up');
});

test.run();
