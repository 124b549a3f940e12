import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { RawClient, syncFrame, syncType } from '../support/raw-client.js';
import { chooseSeed } from '../support/seed.js';
import { withServer } from '../support/server-process.js';
import { describeSlowReaders, runSlowReaders } from './slow-readers.js';

const MiB = 1024 * 1024;

test('connections that never read cost bounded memory and nobody else anything, and are right once they read', async () => {
  const options = { readers: 40, editsPerSecond: 1_000, seconds: 5, valueChars: 4_000, seed: chooseSeed() };
  const report = await runSlowReaders(options);
  console.log(`  ${describeSlowReaders(options, report)}`);
  assert.is(report.wrong, 0);
  assert.ok(report.resynced > 0, 'the flood was more than the sockets hold');
  assert.equal(
    Object.keys(report.closed).filter((code) => code !== '1013'),
    [],
  );
  assert.ok(
    report.rssMostBytes - report.rssBeforeBytes < options.readers * 1.25 * MiB + 200 * MiB,
    'memory is bounded',
  );
  const { latencyMs, latencyAloneMs } = report;
  assert.ok(latencyMs.p50 < 3 * latencyAloneMs.p50 + 500, 'the healthy reader is not held up');
});

test('an edit larger than what may queue for a slow connection reaches an idle one, and so does the next', () =>
  withServer({}, async (server) => {
    const bob = await new RawClient(server.wsUrl, 'large', { user: 'bob' }).sync();
    const alice = await new RawClient(server.wsUrl, 'large', { user: 'alice' }).sync();
    alice.doc.getText('content').insert(0, 'x'.repeat(1.5 * MiB));
    alice.send(syncFrame(syncType.step2, Y.encodeStateAsUpdate(alice.doc)));
    await until(() => bob.doc.getText('content').length === 1.5 * MiB, 'bob has the large edit');
    alice.edit((doc) => doc.getText('content').insert(0, 'small'));
    await until(() => bob.doc.getText('content').length === 1.5 * MiB + 5, 'bob has the next edit');
    for (const client of [alice, bob]) client.destroy();
  }));

test.run();
