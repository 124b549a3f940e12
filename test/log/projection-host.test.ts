// Projections: in the writer's transaction, rebuilt when they change, equal to a fresh build. And what verify and backup find.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogReader } from '../../src/log/log-reader.js';
import { copyDatabase, rebuildProjections } from '../../src/log/maintenance.js';
import { compareProjections } from '../../src/log/projection-comparison.js';
import { databaseFile, type SqliteLog } from '../../src/log/sqlite-log.js';
import { verifyLog } from '../../src/log/verify.js';
import type { EventKind } from '../../src/model/events.js';
import { alice, bob, bytes, codeOf, edit, notes, plan, unit } from './event-log.contract.js';
import { faultyWriterUrl, openLog, withFolder } from './temporary-log.js';
import { tally } from './test-projections.js';

const otherWriterUrl = new URL('./other-writer.js', import.meta.url);
const kinds: readonly EventKind[] = ['created', 'edit', 'renamed', 'version', 'edit'];

const fill = async (log: SqliteLog, count: number): Promise<void> => {
  const units = Array.from({ length: count }, (_, index) =>
    unit(
      edit(index % 2 === 0 ? plan : notes, { kind: kinds[index % 5] ?? 'edit', actor: index % 3 === 0 ? alice : bob }),
    ),
  );
  await log.append(units);
};
const rows = (file: string): unknown[] => {
  const db = new Database(file, { readonly: true });
  const all = db.prepare('SELECT * FROM tally ORDER BY actor, kind').all();
  db.close();
  return all;
};
const tamper = (file: string, sql: string): void => {
  const db = new Database(file);
  db.exec(sql);
  db.close();
};
/** A closed database with 2,500 events and the tally. */
const withTally = (work: (dataDir: string, file: string) => Promise<void>): Promise<void> =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl: faultyWriterUrl });
    await fill(log, 2_500);
    await log.close();
    await work(dataDir, databaseFile(dataDir));
  });

test('a projection is filled in the transaction of its events', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl: faultyWriterUrl });
    try {
      await log.append([
        unit(edit(plan, { kind: 'created' }), edit(plan), edit(plan, { kind: 'version', actor: bob })),
      ]);
      const all = () => log.db.prepare('SELECT * FROM tally ORDER BY actor').all();
      const expected = [
        { actor: 'alice', kind: 'created', count: 1, last: 1, weight: 3 },
        { actor: 'bob', kind: 'version', count: 1, last: 3, weight: 3 },
      ];
      assert.equal(all(), expected);
      const poisoned = unit(edit(plan, { kind: 'created' }), edit(plan, { kind: 'version', meta: { poison: true } }));
      assert.is(await codeOf(log.append([poisoned])), 'internal');
      assert.equal(all(), expected, 'what was folded in before the fault is gone with it');
    } finally {
      await log.close();
    }
  }));

test('a rebuild gives the same rows, and the comparison finds what differs', () =>
  withTally(async (_dataDir, file) => {
    const before = rows(file);
    assert.ok(before.length > 4);
    assert.equal(compareProjections(file, [tally()]), []);
    tamper(file, `UPDATE tally SET count = 7 WHERE actor = 'bob' AND kind = 'version'`);
    const found = compareProjections(file, [tally()]);
    assert.is(found.length, 2);
    assert.match(found[0]?.detail ?? '', '"count":7');
    assert.equal(
      [...verifyLog(file, { projections: [tally()] })].map(({ kind }) => kind),
      ['projection', 'projection'],
    );
    rebuildProjections(file, [tally()]);
    assert.equal(rows(file), before);
    assert.equal([...verifyLog(file, { projections: [tally()] })], []);
  }));

test('a new version is filled afresh at start, an unchanged one is left alone', () =>
  withTally(async (dataDir, file) => {
    const before = rows(file) as { readonly weight: number }[];
    const rebuilt: string[] = [];
    const onRebuilt = (names: readonly string[]) => rebuilt.push(...names);
    assert.match(compareProjections(file, [tally(2)])[0]?.detail ?? '', 'version 1 instead of 2');
    await (await openLog(dataDir, { writerUrl: otherWriterUrl, onRebuilt })).close();
    assert.equal(rebuilt, ['tally']);
    assert.equal(
      rows(file),
      before.map((row) => ({ ...row, weight: row.weight * 2 })),
    );
    await (await openLog(dataDir, { writerUrl: otherWriterUrl, onRebuilt })).close();
    assert.equal(rebuilt, ['tally']);
  }));

test('a projection that was away while events were logged is filled afresh when it is back', () =>
  withTally(async (dataDir, file) => {
    const without = await openLog(dataDir);
    await fill(without, 10);
    await without.close();
    const rebuilt: string[] = [];
    const back = await openLog(dataDir, {
      writerUrl: faultyWriterUrl,
      onRebuilt: (names) => rebuilt.push(...names),
    });
    await back.close();
    assert.equal(rebuilt, ['tally']);
    assert.equal(compareProjections(file, [tally()]), []);
  }));

test('a damaged event is left out of a rebuild and reported', () =>
  withTally(async (_dataDir, file) => {
    tamper(file, `UPDATE event SET actor = 'mallory' WHERE id = 3`);
    const damaged: unknown[] = [];
    rebuildProjections(file, [tally()], { onDamaged: (stream, seq) => damaged.push([stream, seq]) });
    assert.equal(damaged, [[plan, 2]]);
    assert.not.ok(rows(file).some((row) => (row as { readonly actor: string }).actor === 'mallory'));
  }));

test('a rebuild is refused while a server has the database', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir);
    try {
      assert.throws(() => rebuildProjections(databaseFile(dataDir), []), 'is in use by');
    } finally {
      await log.close();
    }
  }));

test('verify names what is wrong and passes over what is sound', () =>
  withTally(async (dataDir, file) => {
    const log = await openLog(dataDir, { writerUrl: faultyWriterUrl });
    await log.append([
      { events: [], checkpoints: [{ stream: plan, state: bytes(1) }] },
      { events: [], checkpoints: [{ stream: notes, state: bytes(2), truncate: true }] },
    ]);
    let seen = 0;
    const progress: number[] = [];
    const onEvent = () => {
      seen += 1;
      return [];
    };
    const options = { onEvent, onProgress: (id: number) => progress.push(id) };
    assert.equal([...verifyLog(file, options)], [], 'beside a running log');
    assert.is(seen, 1_251);
    assert.ok(progress.length >= 2);
    await log.close();
    tamper(file, `UPDATE event SET payload = x'00' WHERE stream = 'doc/plan' AND seq = 5`);
    tamper(file, `DELETE FROM event WHERE stream = 'doc/plan' AND seq IN (1, 8, 9)`);
    tamper(file, `UPDATE checkpoint SET crc = crc + 1 WHERE stream = 'doc/plan'`);
    tamper(file, `UPDATE checkpoint SET seq = seq + 10 WHERE stream = 'doc/plan'`);
    tamper(file, `UPDATE event SET at = 1 WHERE stream = 'doc/plan' AND seq = 20`);
    const found = [...verifyLog(file)].map(({ kind, stream, seq }) => `${kind} ${stream} ${seq}`);
    assert.equal(found, [
      'event doc/plan 5',
      'event doc/plan 20',
      'gap doc/plan 10',
      'index doc/plan 1',
      'index doc/plan 8',
      'index doc/plan 9',
      'checkpoint doc/plan 1260',
      'checkpoint doc/plan 1260',
    ]);
  }));

test('a backup beside a running log is a sound database of its own', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl: faultyWriterUrl });
    try {
      await fill(log, 500);
      const to = join(dataDir, 'copy.db');
      assert.ok((await copyDatabase(databaseFile(dataDir), to)) > 1);
      await fill(log, 10);
      assert.equal([...verifyLog(to, { projections: [tally()] })], []);
      const copy = new LogReader(to);
      assert.is((await copy.readAll(0, 1_000)).length, 500);
      copy.close();
    } finally {
      await log.close();
    }
  }));

test.run();
