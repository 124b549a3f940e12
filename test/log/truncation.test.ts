import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseFile, type SqliteLog } from '../../src/log/sqlite-log.js';
import { verifyLog } from '../../src/log/verify.js';
import type { StreamName } from '../../src/model/ids.js';
import { board, bytes, codeOf, edit, notes, unit } from './event-log.contract.js';
import { openLog, setFault, until, withFolder } from './temporary-log.js';

const writerUrl = new URL('./gradual-writer.js', import.meta.url);

const typed = 60;
const cutAt = typed + 1;

/** The board's events lie between those of a document, as an inbox's lie between everybody's edits. */
const typeInTurns = async (log: SqliteLog): Promise<void> => {
  for (let n = 0; n < typed; n += 1) await log.append([unit(edit(board), edit(notes))]);
};

const cut = (log: SqliteLog, stream: StreamName = board) =>
  log.append([{ events: [edit(stream)], checkpoints: [{ stream, state: bytes(9), truncate: true }] }]);

/** The seqs that the file holds of a stream, whatever the log says of it. */
const kept = (dataDir: string, stream: StreamName): number[] => {
  const db = new Database(databaseFile(dataDir), { readonly: true });
  try {
    return db.prepare('SELECT seq FROM event WHERE stream = ? ORDER BY seq').pluck().all(stream) as number[];
  } finally {
    db.close();
  }
};

const run = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const sound = (dataDir: string): void =>
  assert.equal([...verifyLog(databaseFile(dataDir))], [], 'verify finds nothing wrong');

test('goes oldest first with what others append, a few at a time, and reads agree all the way', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      await typeInTurns(log);
      await cut(log);
      let left = kept(dataDir, board);
      assert.ok(left.length > typed / 2, 'most of it waits');
      for (let batches = 0; left.length > 1; batches += 1) {
        assert.ok(batches < typed, 'it comes to an end');
        const [first = 0] = left;
        assert.equal(left, run(first, cutAt), 'the rest is without gaps');
        sound(dataDir);
        const all = await log.read(board, 0);
        if (first === 1) assert.is(all.kind === 'range' && all.events.length, cutAt);
        else assert.equal(all, { kind: 'gone', oldest: cutAt });
        assert.equal(await log.read(board, cutAt), { kind: 'range', events: [], head: cutAt, more: false });
        assert.is((await log.list(board, { order: 'asc', limit: 1 }))[0]?.seq, first);
        await log.append([unit(edit(notes))]);
        const now = kept(dataDir, board);
        assert.ok(now.length < left.length, 'each batch takes some along');
        assert.ok(left.length - now.length <= 8, 'but few');
        left = now;
      }
      assert.equal(left, [cutAt], 'the event at the head stays');
      sound(dataDir);
      assert.is(kept(dataDir, notes)[0], 1, 'nothing of another stream has gone');
    } finally {
      await log.close();
    }
  }));

test('a batch of many events takes more along than it brings, so a view that changes all the time is not outrun', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      await typeInTurns(log);
      await cut(log);
      const before = kept(dataDir, board).length;
      const changes = 50;
      await log.append([unit(...Array.from({ length: changes }, () => edit(board)))]);
      assert.ok(kept(dataDir, board).length < before, 'fewer are left than before the batch');
      sound(dataDir);
    } finally {
      await log.close();
    }
  }));

test('a log that is closed has dropped all of it', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    await typeInTurns(log);
    await cut(log);
    await log.close();
    assert.equal(kept(dataDir, board), [cutAt]);
    sound(dataDir);
  }));

test('what a new truncation of the same stream finds, it takes along', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    await typeInTurns(log);
    await cut(log);
    await cut(log);
    await cut(log, notes);
    await log.close();
    assert.equal(kept(dataDir, board), [cutAt + 1]);
    assert.equal(kept(dataDir, notes), [typed + 1]);
    sound(dataDir);
  }));

test('a batch that is refused drops nothing, and neither does what it was to cut', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      await typeInTurns(log);
      const [outcome] = await log.append([
        {
          events: [edit(board)],
          expect: [{ stream: notes, head: 1 }],
          checkpoints: [{ stream: board, state: bytes(9), truncate: true }],
        },
      ]);
      assert.is(outcome?.ok, false);
      for (let n = 0; n < 20; n += 1) await log.append([unit(edit(notes))]);
      assert.equal(kept(dataDir, board), run(1, typed));
    } finally {
      await log.close();
    }
  }));

test('a checkpoint that the disk refused cuts nothing, also not later', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      await typeInTurns(log);
      setFault(dataDir, 'commit');
      assert.is(await codeOf(cut(log)), 'log-unavailable');
      setFault(dataDir, null);
      await until(() => log.stats().writable);
      for (let n = 0; n < 20; n += 1) await log.append([unit(edit(notes))]);
    } finally {
      await log.close();
    }
    assert.equal(kept(dataDir, board), run(1, typed));
    sound(dataDir);
  }));

test('what a killed writer left behind is like other old events, and the next truncation takes it along', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      await typeInTurns(log);
      await cut(log);
      setFault(dataDir, 'die');
      await codeOf(log.append([unit(edit(notes))]));
      setFault(dataDir, null);
      await until(() => log.stats().writable);
      for (let n = 0; n < 20; n += 1) await log.append([unit(edit(notes))]);
      const left = kept(dataDir, board);
      assert.ok(left.length > typed / 2, 'nobody knows that they were to go');
      assert.equal(left, run(left[0] ?? 0, cutAt));
      sound(dataDir);
      await cut(log);
    } finally {
      await log.close();
    }
    assert.equal(kept(dataDir, board), [cutAt + 1]);
    sound(dataDir);
  }));

test.run();
