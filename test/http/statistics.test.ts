// GET /stats/collaborative, with the values that a small world has, and what a database from before it answers.

import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CollaborativeStatistics } from '../../src/crdt/editing-statistics.js';
import { databaseFile } from '../../src/log/sqlite-log.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { documentRows } from '../support/log-rows.js';
import { StockClient } from '../support/stock-client.js';

const call = async (url: string, user: string, method: string, body?: object): Promise<void> => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'x-user-id': user },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  assert.ok(answer.ok, `${method} ${url}: ${answer.status}`);
};
const statistics = async (url: string): Promise<CollaborativeStatistics> =>
  (await (await fetch(`${url}/api/realtime/stats/collaborative`)).json()) as CollaborativeStatistics;
const insert = (value: string) => ({ path: ['content'], action: 'insert', index: 0, value });

test('documents, edits, editors, the largest and the busiest are counted, the same for embedding code', () =>
  withLocalServer(async (local) => {
    const documents = `${local.url}/api/realtime/documents`;
    assert.equal(
      { ...(await statistics(local.url)), window: null },
      {
        documents: { total: 0, open: 0, locked: 0 },
        ...{ activeUsers: 0, edits: 0, editors: 0, bytes: 0, largest: [], busiest: [], window: null },
      },
    );
    await call(`${documents}/create`, 'alice', 'POST', { id: 'plan', title: 'The plan', content: 'x'.repeat(500) });
    await call(`${documents}/create`, 'bob', 'POST', { id: 'notes' });
    await call(`${documents}/create`, 'bob', 'POST', { id: 'gone' });
    await call(`${documents}/notes/edits`, 'alice', 'POST', insert('a'));
    await call(`${documents}/notes/edits`, 'bob', 'POST', insert('b'));
    await call(`${documents}/notes/undo`, 'bob', 'POST', {});
    await call(`${documents}/gone/edits`, 'carol', 'POST', insert('c'));
    await call(`${documents}/gone`, 'bob', 'DELETE');
    await call(`${documents}/plan/lock`, 'alice', 'PUT', {});
    const dave = await new StockClient(local.wsUrl, 'plan', { user: 'dave' }).synced();
    const typist = await new StockClient(local.wsUrl, 'notes', { user: 'alice' }).synced();
    try {
      typist.text.insert(0, 'd');
      await until(() => documentRows(local.dataDir, 'notes').length === 5, 'her edit is logged');
      const now = await statistics(local.url);
      const bytesOf = (id: string) =>
        documentRows(local.dataDir, id).reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
      assert.equal(
        { ...now, window: null },
        {
          documents: { total: 2, open: 2, locked: 1 },
          activeUsers: 2,
          edits: 5,
          editors: 3,
          bytes: bytesOf('plan') + bytesOf('notes') + bytesOf('gone'),
          largest: [
            { documentId: 'plan', title: 'The plan', ownerId: 'alice', bytes: bytesOf('plan'), edits: 0 },
            { documentId: 'notes', title: 'notes', ownerId: 'bob', bytes: bytesOf('notes'), edits: 4 },
          ],
          busiest: [{ documentId: 'notes', title: 'notes', ownerId: 'bob', edits: 4, editors: 2 }],
          window: null,
        },
      );
      const hours = (Date.now() - Date.parse(now.window.since)) / 3_600_000;
      assert.ok(hours >= now.window.hours && hours < 26, `${hours} h`);
      assert.ok(now.window.since.endsWith(':00:00.000Z'));
      const embedded = local.server.collaborative();
      assert.equal({ ...embedded, window: null }, { ...now, window: null });
    } finally {
      dave.close();
      typist.close();
    }
  }));

test('a database from before these figures has them after a start', () =>
  withLocalServer(async (local) => {
    const documents = `${local.url}/api/realtime/documents`;
    await call(`${documents}/create`, 'alice', 'POST', { id: 'plan' });
    for (const value of ['a', 'b', 'c']) await call(`${documents}/plan/edits`, 'alice', 'POST', insert(value));
    const before = await statistics(local.url);
    assert.equal([before.edits, before.editors, before.busiest[0]?.edits], [3, 1, 3]);
    await local.whileStopped(async (dataDir) => {
      const db = new Database(databaseFile(dataDir));
      db.exec(`DELETE FROM projection WHERE name = 'editing'`);
      for (const table of ['total', 'document', 'person', 'hour']) db.exec(`DROP TABLE editing_${table}`);
      db.close();
    });
    const after = local.server.collaborative();
    const plain = { documents: null, window: null };
    assert.equal({ ...after, ...plain }, { ...before, ...plain });
  }));

test.run();
