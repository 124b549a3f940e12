// A disk that fails under a running server: writes stop loudly, reading goes on, nothing that anybody saw is lost, and it recovers by itself.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../log/temporary-log.js';
import { setFault } from '../log/temporary-log.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { RawClient } from '../support/raw-client.js';
import { StockClient } from '../support/stock-client.js';

const writerUrl = new URL('../support/faulty-product-writer.js', import.meta.url);
/** Large enough that a disk with a few free pages cannot take it. */
const unsaved = `unsaved ${'x'.repeat(300_000)}`;
const faults: readonly Fault[] = ['full', 'commit', 'begin'];

const statusOf = async (server: LocalServer, path: string, init: RequestInit = {}): Promise<number> => {
  const answer = await fetch(`${server.url}${path}`, init);
  await answer.body?.cancel();
  return answer.status;
};

const create = (server: LocalServer, id: string): Promise<number> =>
  statusOf(server, '/api/realtime/documents/create', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, title: id }),
  });

for (const fault of faults)
  test(`a disk that fails (${fault}): 4503, 503, not ready, reads go on, and all of it heals by itself`, () =>
    withLocalServer(
      async (server) => {
        const alice = new StockClient(server.wsUrl, 'plan', { user: 'alice' });
        const bob = new StockClient(server.wsUrl, 'plan', { user: 'bob' });
        const raw = new RawClient(server.wsUrl, 'plan', { user: 'carol' });
        try {
          await Promise.all([alice.synced(), bob.synced(), raw.sync()]);
          alice.text.insert(0, 'before ');
          await until(() => bob.text.toString() === 'before ', 'bob reads what is on disk');

          setFault(server.dataDir, fault);
          alice.text.insert(7, unsaved);
          assert.is((await raw.closing()).code, 4503, 'everybody in the room is closed');
          assert.is(await create(server, 'another'), 503);
          assert.is(await statusOf(server, '/healthz/ready'), 503);
          assert.is(await statusOf(server, '/healthz/live'), 200);
          assert.is(bob.text.toString(), 'before ', 'nobody sees what is not on disk');
          const read = await fetch(`${server.url}/api/realtime/documents/plan?content=text`);
          assert.equal(((await read.json()) as { content: unknown }).content, { content: 'before ' });
          const reader = new RawClient(server.wsUrl, 'plan', { user: 'dave' });
          await reader.sync();
          assert.is(reader.doc.getText('content').toString(), 'before ', 'a newcomer reads all the same');
          reader.destroy();

          setFault(server.dataDir, null);
          await until(async () => (await statusOf(server, '/healthz/ready')) === 200, 'ready again', 20_000);
          await until(() => bob.text.toString() === `before ${unsaved}`, 'what alice kept arrives', 30_000);
          assert.is(await create(server, 'another'), 201);
        } finally {
          alice.close();
          bob.close();
          raw.destroy();
        }
      },
      { logLevel: 'silent' },
      { writerUrl },
    ));

test.run();
