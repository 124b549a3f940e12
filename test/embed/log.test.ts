// `contrail.log`: everything that happens, once and in order, live and from the past.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ContrailError, type LogEvent } from '../../src/contrail.js';
import { databaseFile } from '../../src/log/sqlite-log.js';
import { createLogger } from '../../src/logger.js';
import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';
import { withHosted } from './hosted.js';

test('a tail tells what people and code do, typed by kind, with the updates that make the document', () =>
  withHosted(async ({ contrail, wsUrl }) => {
    const { documents, notifications, log } = contrail;
    await documents.create({ id: 'before' });
    const events: LogEvent[] = [];
    const stop = log.tail((event) => void events.push(event));
    await documents.create({ id: 'plan', title: 'Plan', content: 'one' }, { actor: 'alice' });
    const bob = await new StockClient(wsUrl, 'plan', { user: 'bob' }).synced();
    bob.text.insert(3, ' two');
    await until(() => events.some(({ kind }) => kind === 'edit'), 'the edit is told');
    await documents.addCollaborator('plan', 'carol', { role: 'viewer', actor: 'alice' });
    await documents.undo('plan', { actor: 'bob' });
    await notifications.sendAlert('alice', { urgency: 'low', message: 'hi' });
    await documents.remove('plan', { actor: 'alice' });
    await until(() => events.some(({ kind }) => kind === 'deleted'), 'the end is told');
    assert.equal(
      events.map(({ type, kind, subject, actor }) => `${type} ${kind} ${subject} ${actor}`),
      [
        'document created plan alice',
        'document edit plan bob',
        'document shared plan alice',
        'document undo plan bob',
        'notification notified alice system',
        'document deleted plan alice',
      ],
    );
    const doc = new Y.Doc();
    for (const event of events) {
      if (event.update) Y.applyUpdate(doc, event.update);
      if (event.type !== 'document') continue;
      switch (event.kind) {
        case 'created':
          assert.is(event.data.title, 'Plan');
          break;
        case 'shared':
          assert.is(`${event.data.userId} ${event.data.role}`, 'carol viewer');
          break;
        case 'undo':
          assert.equal(event.data.undone, [2]);
      }
    }
    assert.is(doc.getText('content').toString(), 'one');
    stop();
    await documents.create({ id: 'after' });
    assert.is(events.length, 6);
    bob.close();
  }));

test('a tail from the past goes on where it is told, and meets nothing twice', () =>
  withHosted(async ({ contrail: { documents, log } }) => {
    await documents.create({ id: 'plan', content: 'x' });
    const edit = (value: string) =>
      documents.edit('plan', { path: ['content'], action: 'insert', value }, { actor: 'alice' });
    for (const value of 'abc') await edit(value);
    const seen: number[] = [];
    const first = log.tail((event) => void seen.push(event.seq), { after: 0 });
    await until(() => seen.length === 4, 'what was there is told');
    first();
    await edit('d');
    assert.equal(seen, [1, 2, 3, 4]);

    // Slow, and stopped in the middle: the next one goes on after the id that this one kept.
    let kept = 0;
    const told: number[] = [];
    const slow = log.tail(
      async (event) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (told.length === 3) return slow();
        told.push(event.seq);
        kept = event.id;
      },
      { after: 0 },
    );
    await Promise.all([...'efgh'].map(edit));
    await until(() => told.length === 3, 'it has had three');
    const rest: number[] = [];
    const again = log.tail((event) => void rest.push(event.seq), { after: kept });
    await until(() => told.length + rest.length >= 9, 'the other gets the rest');
    assert.equal([...told, ...rest], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(log.head > 0);
    again();
  }));

test('a listener that throws is logged and hears of the next event; a bad place is refused', async () => {
  const lines: string[] = [];
  await withHosted(
    async ({ contrail: { documents, log } }) => {
      const heard: string[] = [];
      log.tail((event) => {
        heard.push(event.subject);
        throw new Error('the listener broke');
      });
      log.tail(async () => Promise.reject(new Error('so did this one')));
      await documents.create({ id: 'one' });
      await documents.create({ id: 'two' });
      await until(() => heard.length === 2, 'both are told');
      await until(() => lines.join('').split('so did this one').length >= 3, 'and logged');
      assert.match(lines.join(''), /the listener broke/);
      for (const after of [-1, 1.5, '3'])
        assert.throws(
          () => log.tail(() => {}, { after: after as number }),
          (error: unknown) => error instanceof ContrailError,
        );
    },
    { logger: createLogger('info', { write: (line) => void lines.push(line) }) },
  );
});

test('an event that is damaged on disk is left out and logged, and those behind it are told', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-tail-'));
  const lines: string[] = [];
  try {
    await withHosted(
      async ({ contrail: { documents, log } }) => {
        for (const id of ['one', 'two', 'three']) await documents.create({ id });
        const db = new Database(databaseFile(dataDir));
        db.exec(`UPDATE event SET actor = 'mallory' WHERE stream = 'doc/two'`);
        db.close();
        const told: string[] = [];
        const stop = log.tail((event) => void told.push(event.subject), { after: 0 });
        await until(() => told.includes('three'), 'what is behind it is told');
        stop();
        assert.equal(told, ['one', 'three']);
        assert.match(lines.join(''), 'Event 1 of doc/two is damaged.');
      },
      { dataDir, logger: createLogger('info', { write: (line) => void lines.push(line) }) },
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
