// What lies on the disk: pragmas, damage, restarts, migrations, the lock, query plans.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assertDurability,
  assertSqliteVersion,
  LogRefused,
  migrate,
  openForWriting,
} from '../../src/log/connection.js';
import { lockFileOf, ownerFileOf } from '../../src/log/owner-lock.js';
import { databaseFile } from '../../src/log/sqlite-log.js';
import { migrations, readStatements, writeStatements } from '../../src/log/statements.js';
import { ContrailError } from '../../src/model/errors.js';
import type { LoggedEvent } from '../../src/model/events.js';
import { turnsDuring } from '../support/loop-turns.js';
import { alice, board, bytes, codeOf, edit, notes, plan, seqsOf, unit } from './event-log.contract.js';
import { openLog, withFolder, withLog } from './temporary-log.js';

/** Changes the database behind the log's back. */
const tamper = (dataDir: string, sql: string): void => {
  const db = new Database(databaseFile(dataDir));
  db.exec(sql);
  db.close();
};
const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof LogRefused) return error.message;
    throw error;
  }
  return 'it was not refused';
};

test('synchronous is FULL after the first write, and a weaker one is noticed', () =>
  withFolder(async (dataDir) => {
    const db = openForWriting(databaseFile(dataDir), 'full');
    db.exec(writeStatements.begin);
    db.prepare(writeStatements.probe).run(10);
    db.exec(writeStatements.commit);
    assert.is(db.pragma('synchronous', { simple: true }), 2);
    assertDurability(db, 'full');
    const set = (name: string) => db.pragma(name, { simple: true });
    assert.equal(['journal_mode', 'foreign_keys', 'trusted_schema', 'cell_size_check', 'busy_timeout'].map(set), [
      'wal',
      1,
      0,
      1,
      5_000,
    ]);
    assert.equal(set('mmap_size') ?? 0, 0);
    db.pragma('synchronous = NORMAL');
    assert.throws(() => assertDurability(db, 'full'), 'synchronous=1');
    assertDurability(db, 'normal');
    db.close();
    // Without the explicit setting a database in WAL mode falls back: this is what the check is for.
    const careless = new Database(databaseFile(dataDir));
    careless.exec('UPDATE log_state SET probe = NULL');
    assert.throws(() => assertDurability(careless, 'full'), 'synchronous=1');
    careless.close();
  }));

test('an old SQLite is refused', () => {
  assertSqliteVersion('3.51.3');
  assertSqliteVersion('4.0.0');
  assert.throws(() => assertSqliteVersion('3.51.2'), 'too old');
  assert.throws(() => assertSqliteVersion('3.9.40'), 'too old');
});

test('a restarted log goes on where it was, truncated streams included', () =>
  withFolder(async (dataDir) => {
    const first = await openLog(dataDir);
    await first.append([unit(edit(plan, { at: 77 }), edit(notes))]);
    await first.append([
      { events: [edit(board), edit(board)], checkpoints: [{ stream: board, state: bytes(1, 2), truncate: true }] },
    ]);
    await first.close();
    assert.not.ok(existsSync(`${databaseFile(dataDir)}-wal`), 'the write-ahead log was taken up');
    const second = await openLog(dataDir);
    try {
      assert.equal(second.stats().streams, 3);
      assert.equal(second.stats().lastId, 4);
      assert.equal(await second.read(board, 0), { kind: 'gone', oldest: 2 });
      assert.equal(seqsOf(await second.append([unit(edit(board), edit(plan, { at: 1 }))])), [[3, 2]]);
      assert.equal(await second.head(plan), { id: 6, seq: 2, at: 77 });
    } finally {
      await second.close();
    }
  }));

test('others have their turn while a long list is read', () =>
  withLog(async (log) => {
    await log.append([unit(...Array.from({ length: 1_000 }, () => edit(plan)))]);
    const list = async () => assert.is((await log.list(plan, { order: 'desc', limit: 1_000 })).length, 1_000);
    const turns = await turnsDuring(list);
    assert.ok(turns >= 8, `${turns} turns of the event loop`);
  }));

test('a damaged event makes reads of its stream fail by name, and of no other', () =>
  withLog(async (log, dataDir) => {
    await log.append([unit(edit(plan), edit(plan), edit(plan), edit(notes))]);
    tamper(dataDir, `UPDATE event SET payload = x'010203ff' WHERE stream = 'doc/plan' AND seq = 2`);
    try {
      await log.read(plan, 0);
      assert.unreachable();
    } catch (error) {
      assert.ok(error instanceof ContrailError);
      assert.equal(
        { code: error.code, extra: error.extra },
        { code: 'damaged-event', extra: { stream: plan, seq: 2 } },
      );
    }
    assert.is(await codeOf(log.read(plan, 2)), 'fulfilled');
    assert.is(await codeOf(log.list(plan, { order: 'asc', limit: 5 })), 'damaged-event');
    assert.is(await codeOf(log.read(notes, 0)), 'fulfilled');
    assert.is(await codeOf(log.append([unit(edit(plan))])), 'fulfilled');
    const { events, damaged } = await log.scan(0, 100);
    assert.equal(
      damaged.map(({ stream, seq }) => [stream, seq]),
      [[plan, 2]],
    );
    assert.is(events.length, (log.stats().lastId ?? 0) - 1);
  }));

test('every column is covered by the crc', () =>
  withLog(async (log, dataDir) => {
    const changes = [
      'at = 5',
      `actor = 'mallory'`,
      `kind = 'undo'`,
      'payload = NULL',
      'payload = zeroblob(3)',
      `meta = '{"a":2}'`,
      'meta = NULL',
      'seq = 9',
      'id = 99',
      `stream = 'doc/other'`,
      'crc = crc + 1',
    ];
    for (const [index, change] of changes.entries()) {
      await log.append([unit(edit(plan, { meta: { a: 1 } }))]);
      tamper(dataDir, `UPDATE event SET ${change} WHERE stream = 'doc/plan' AND seq = 1`);
      assert.is(await codeOf(log.readAll(0, 10)), 'damaged-event', change);
      tamper(dataDir, 'DELETE FROM event; DELETE FROM stream_index');
      // The writer forgets what it knew of the stream with the failing transaction.
      await codeOf(log.append([unit(edit(plan, { at: 0.5, kind: 'locked' }), edit(notes, { at: 1.5 }))]));
      assert.is((await log.readAll(0, 10)).length, 0, `${index}`);
    }
  }));

test('an append to a stream whose last event is damaged is refused, others go on', () =>
  withFolder(async (dataDir) => {
    const first = await openLog(dataDir);
    await first.append([unit(edit(plan))]);
    await first.close();
    tamper(dataDir, 'UPDATE event SET at = 99999999999999');
    const second = await openLog(dataDir);
    try {
      const calls = [second.append([unit(edit(plan))]), second.append([unit(edit(notes))])];
      assert.equal(await Promise.all(calls.map(codeOf)), ['damaged-event', 'fulfilled']);
    } finally {
      await second.close();
    }
  }));

test('a long read is the same as many short ones, whatever the rows hold', () =>
  withLog(async (log, dataDir) => {
    const payloads = [null, bytes(), bytes(0, 255, 7), new Uint8Array(512).fill(9), new Uint8Array(70_000).fill(1)];
    const metas = [null, { a: '"\\ \u0000 é 😀' }, { long: 'x'.repeat(600) }];
    const events = Array.from({ length: 2_300 }, (_, index) =>
      edit(plan, { payload: payloads[index % 5] ?? null, meta: metas[index % 3] ?? null, at: 1_000 + index }),
    );
    for (let from = 0; from < events.length; from += 100) await log.append([unit(...events.slice(from, from + 100))]);
    const long: LoggedEvent[] = [];
    const short: LoggedEvent[] = [];
    for (const [read, limit] of [
      [long, 5_000],
      [short, 3],
    ] as const)
      while (read.length < events.length) {
        const page = await log.read(plan, read.length, limit);
        assert.is(page.kind, 'range');
        if (page.kind === 'range') read.push(...page.events);
      }
    assert.equal(long, short);
    tamper(dataDir, `UPDATE event SET payload = x'01' WHERE seq = 1502`);
    try {
      for (let after = 0; after < 2_300; ) {
        const page = await log.read(plan, after, 5_000);
        after += page.kind === 'range' ? page.events.length : 1;
      }
      assert.unreachable();
    } catch (error) {
      assert.equal((error as ContrailError).extra, { stream: plan, seq: 1502 });
    }
  }));

test('a lost event is damage, not truncation', () =>
  withLog(async (log, dataDir) => {
    await log.append([unit(edit(plan), edit(plan), edit(plan), edit(plan))]);
    tamper(dataDir, `DELETE FROM event WHERE seq = 2`);
    for (const after of [0, 1]) assert.is(await codeOf(log.read(plan, after)), 'damaged-event', `${after}`);
    tamper(dataDir, `DELETE FROM event WHERE seq = 1`);
    assert.is(await codeOf(log.read(plan, 0)), 'damaged-event');
    assert.is(await codeOf(log.read(plan, 2)), 'fulfilled');
  }));

test('a damaged checkpoint counts as absent, and an older one serves', () =>
  withLog(async (log, dataDir) => {
    const state = new Uint8Array(50_000).fill(3);
    await log.append([{ events: [edit(plan)], checkpoints: [{ stream: plan, state }] }]);
    await log.append([{ events: [edit(plan)], checkpoints: [{ stream: plan, state: bytes(2) }] }]);
    tamper(dataDir, `UPDATE checkpoint SET state = x'00' WHERE seq = 2`);
    const found = await log.checkpoint(plan, 99);
    assert.is(found?.seq, 1);
    assert.equal(found?.state.length, 50_000);
    tamper(dataDir, `UPDATE checkpoint SET crc = 1 WHERE seq = 1`);
    assert.is(await log.checkpoint(plan, 99), null);
  }));

test('the connection for queries cannot write', () =>
  withLog(async (log) => {
    assert.throws(() => log.db.exec('DELETE FROM event'), 'readonly');
    assert.equal(log.db.prepare('SELECT count(*) AS n FROM event').get(), { n: 0 });
  }));

test('each statement searches an index and sorts nothing but what is not indexed yet', () =>
  withFolder(async (dataDir) => {
    const db = openForWriting(databaseFile(dataDir), 'full');
    try {
      // By the id alone an index is its own order: these are meant to walk it from an end.
      const walks = new Set<string>([readStatements.lastId, readStatements.newestCheckpoints]);
      for (const [name, sql] of Object.entries({ ...readStatements, ...writeStatements })) {
        if (!/^(SELECT|UPDATE|DELETE)/.test(sql) || walks.has(sql)) continue;
        const named = { stream: '', after: 0, before: 9, upTo: 9, limit: 9, actor: null, kinds: null };
        const parameters = sql.includes('@') ? [named] : Array(sql.split('?').length - 1).fill(null);
        const plan = db.prepare<unknown[]>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as {
          readonly detail: string;
        }[];
        assert.ok(plan.length > 0, name);
        for (const [index, { detail }] of plan.entries()) {
          // The merge of the index with the bounded rest behind it: `LEFT` the one, `RIGHT` the other, and only that one is sorted.
          if (
            /^(MERGE \(UNION ALL\)|LEFT|RIGHT|(LIST|SCALAR) SUBQUERY \d+|(CO-ROUTINE|SCAN) \(subquery-\d+\))$/.test(
              detail,
            )
          )
            continue;
          if (detail === 'USE TEMP B-TREE FOR ORDER BY') {
            const right = plan.findIndex((step) => step.detail === 'RIGHT');
            assert.ok(right > 0 && index > right, `${name}: sorts`);
            assert.match(plan[right + 1]?.detail ?? '', /^SEARCH event USING INTEGER PRIMARY KEY \(rowid>\?/, name);
            continue;
          }
          assert.match(detail, /^SEARCH \w+ USING (.* )?(INDEX|PRIMARY KEY)/, `${name}: ${detail}`);
        }
      }
    } finally {
      db.close();
    }
  }));

test('migrations run once each, in order, and a newer database is refused', () =>
  withFolder(async (dataDir) => {
    const file = databaseFile(dataDir);
    openForWriting(file, 'full').close();
    const db = new Database(file);
    const next = [...migrations, 'CREATE TABLE later(x INTEGER) STRICT', 'INSERT INTO later VALUES (1)'];
    migrate(db, next);
    migrate(db, next);
    assert.is(db.pragma('user_version', { simple: true }), migrations.length + 2);
    assert.is(db.prepare('SELECT count(*) FROM later').pluck().get(), 1);
    assert.throws(() => migrate(db, [...next, 'INSERT INTO later VALUES (2); SELECT nonsense']));
    assert.is(db.prepare('SELECT count(*) FROM later').pluck().get(), 1, 'a failed migration leaves nothing');
    db.close();
    assert.match(await refusal(() => openLog(dataDir)), 'was written by a newer Contrail');
  }));

test('a database of the first schema opens with all that it held', () =>
  withFolder(async (dataDir) => {
    await (await openLog(dataDir)).close();
    const made = await openLog(dataDir);
    await made.append([unit(edit(plan), edit(notes), edit(plan, { payload: null }))]);
    await made.append([
      { events: [edit(board), edit(board)], checkpoints: [{ stream: board, state: bytes(1), truncate: true }] },
    ]);
    const before = await made.readAll(0, 10);
    await made.close();
    // The same rows as the first schema kept them, the highest id truncated away.
    const db = new Database(databaseFile(dataDir));
    const [first = ''] = migrations;
    const [eventTable = ''] = first.split(';');
    db.exec(`ALTER TABLE event RENAME TO lean; ${eventTable}; INSERT INTO event SELECT * FROM lean; DROP TABLE lean;
      DROP TABLE stream_index; ALTER TABLE log_state DROP COLUMN indexed; PRAGMA user_version = 1;
      UPDATE sqlite_sequence SET seq = 40 WHERE name = 'event'`);
    db.close();
    const log = await openLog(dataDir);
    try {
      assert.equal(await log.readAll(0, 10), before);
      assert.equal((await log.head(plan))?.seq, 2);
      assert.equal(await log.read(board, 0), { kind: 'gone', oldest: 2 });
      await log.append([unit(edit(plan))]);
      assert.equal(await log.head(plan), { id: 41, seq: 3, at: (await log.head(plan))?.at });
    } finally {
      await log.close();
    }
  }));

test('events are found while they are not indexed, and after', () =>
  withLog(async (log, dataDir) => {
    const rows = (sql: string) => {
      const db = new Database(databaseFile(dataDir), { readonly: true });
      const count = db.prepare(sql).pluck().get();
      db.close();
      return count;
    };
    for (let count = 1; count <= 20; count += 1) {
      await log.append([unit(edit(plan), edit(notes))]);
      assert.is((await log.head(plan))?.seq, count);
      const read = await log.read(plan, 0);
      assert.is(read.kind === 'range' && read.events.length, count);
      const listed = await log.list(plan, { order: 'desc', limit: 3 });
      assert.equal(
        listed.map((event) => event.seq),
        [count, count - 1, count - 2].filter((seq) => seq > 0),
      );
      const lag = Number(rows('SELECT max(id) - (SELECT indexed FROM log_state) FROM event'));
      assert.ok(lag < 7, `${lag} events are not indexed`);
    }
    assert.is(rows('SELECT count(*) FROM stream_index') as number, rows('SELECT indexed FROM log_state') as number);
  }));

test('two events with one seq are an alarm, and nothing is written', () =>
  withLog(async (log, dataDir) => {
    await log.append([unit(edit(plan), edit(plan))]);
    tamper(dataDir, `UPDATE event SET seq = 1 WHERE id = 2`);
    const calls = Array.from({ length: 8 }, () => log.append([unit(edit(notes))]));
    assert.ok((await Promise.all(calls.map(codeOf))).includes('internal'));
    assert.is((await log.read(notes, 0)).kind, 'range');
  }));

test('a database of another program is refused and left alone', () =>
  withFolder(async (dataDir) => {
    const db = new Database(databaseFile(dataDir));
    db.exec('CREATE TABLE theirs(x)');
    db.close();
    assert.match(await refusal(() => openLog(dataDir)), 'is not a Contrail database');
    writeFileSync(databaseFile(dataDir), 'no database at all, but long enough to be looked at'.repeat(100));
    assert.match(await refusal(() => openLog(dataDir)), 'not a database');
  }));

test('a second log on the same database is refused with the name of the first', () =>
  withLog(async (log, dataDir) => {
    const message = await refusal(() => openLog(dataDir));
    assert.match(message, `is in use by process ${process.pid} on`);
    assert.is(await codeOf(log.append([unit(edit(plan, { actor: alice }))])), 'fulfilled');
  }));

test('a killed process holds the database no longer, a living one does', () =>
  withFolder(async (dataDir) => {
    const child = fileURLToPath(new URL('./appending-child.js', import.meta.url));
    const running = spawn(process.execPath, [child, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(running, 'exit');
    try {
      await once(running.stdout, 'data');
      running.stdout.resume();
      assert.match(await refusal(() => openLog(dataDir)), `is in use by process ${running.pid} on`);
    } finally {
      running.kill('SIGKILL');
    }
    await exited;
    const log = await openLog(dataDir);
    assert.ok(existsSync(lockFileOf(databaseFile(dataDir))));
    assert.ok((await log.readAll(0, 10)).length > 0);
    await log.close();
    assert.not.ok(existsSync(ownerFileOf(databaseFile(dataDir))));
  }));

test.run();
