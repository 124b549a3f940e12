// Every statement of the domain searches an index, and the two promised times hold.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlDatabase } from '../../src/model/projection.js';
import { createNotifications } from '../../src/notify/notifications.js';
import { notifyProjection } from '../../src/notify/projection.js';
import { broadcastToAll, pageOfBusyInboxMs } from './figures.js';
import { World } from './world.js';

/** Small by their nature: a few totals, buckets, unfinished broadcasts, time zones, the rows of a page, the people of a slice. */
const mayScan =
  /^SCAN (some VIRTUAL TABLE.*|notify_tally|notify_delay|zone|\(subquery-\d+\)|\d+ CONSTANT ROW.*|.* USING INDEX notify_broadcast_unfinished)$/;

test('every statement searches an index and sorts nothing', () => {
  const world = new World();
  const statements: string[] = [];
  const db: SqlDatabase = {
    exec: (sql) => world.db.exec(sql),
    prepare(sql) {
      statements.push(sql);
      return world.db.prepare(sql);
    },
  };
  notifyProjection.open(db);
  void createNotifications({
    log: { tail: () => () => {} },
    db,
    commit: async () => [],
    clock: world.clock,
    random: world.random,
    online: () => [],
    openInboxes: () => [],
    config: { inboxWindow: 100 },
  }).close();
  assert.ok(statements.length > 40);
  const faults: string[] = [];
  for (const sql of statements) {
    const places = Array.from({ length: sql.split('?').length - 1 }, () => 0);
    const plan = world.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...places) as { detail: string }[];
    for (const { detail } of plan) {
      const isBad = detail.includes('TEMP B-TREE') || (detail.startsWith('SCAN') && !mayScan.test(detail));
      if (isBad) faults.push(`${detail} in ${sql}`);
    }
  }
  assert.equal(faults, []);
});

test('a page of a busy inbox, its counts included, takes about a millisecond', async () => {
  const ms = await pageOfBusyInboxMs();
  console.log(`  ${ms.toFixed(2)} ms`);
  assert.ok(ms < 5, `${ms} ms`); // far above what it takes, for machines that are busy with other things
});

test('a broadcast to everybody costs one event however many people there are', async () => {
  const { ms, total, events } = await broadcastToAll(50_000);
  console.log(`  ${ms.toFixed(2)} ms`);
  assert.equal({ total, events }, { total: 50_000, events: 1 });
  assert.ok(ms < 50, `${ms} ms`);
});

test.run();
