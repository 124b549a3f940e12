// What every event log promises (model/event-log.ts), as tests to run against any of them.

import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrailError, type ErrorCode } from '../../src/model/errors.js';
import type { AppendOutcome, AppendUnit, EventLog } from '../../src/model/event-log.js';
import type { LoggedEvent, NewEvent } from '../../src/model/events.js';
import { type StreamName, streamName, type UserId } from '../../src/model/ids.js';

export const alice = 'alice' as UserId;
export const bob = 'bob' as UserId;
export const plan = streamName('doc', 'plan');
export const notes = streamName('doc', 'notes');
export const board = streamName('board', 'main');
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

export const edit = (stream: StreamName, more: Partial<NewEvent> = {}): NewEvent => ({
  stream,
  kind: 'edit',
  actor: alice,
  at: 1_000,
  payload: bytes(1, 2, 3),
  meta: null,
  ...more,
});
export const unit = (...events: NewEvent[]): AppendUnit => ({ events });

export const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | 'fulfilled'> => {
  try {
    await work;
    return 'fulfilled';
  } catch (error) {
    if (error instanceof ContrailError) return error.code;
    throw error;
  }
};
export const seqsOf = (outcomes: readonly AppendOutcome[]): unknown =>
  outcomes.map((outcome) => (outcome.ok ? outcome.positions.map(({ seq }) => seq) : { conflict: outcome.head }));
const appendEdits = async (log: EventLog, stream: StreamName, count: number): Promise<void> => {
  for (let index = 1; index <= count; index += 1) {
    await log.append([unit(edit(stream, { at: index * 10, payload: bytes(index % 256) }))]);
  }
};

/** Registers the contract's tests. `withLog` opens an empty log, hands it to the work and closes it. */
export const eventLogContract = (
  suite: Test,
  name: string,
  withLog: (work: (log: EventLog) => Promise<void>) => Promise<void>,
): void => {
  const test = (title: string, work: (log: EventLog) => Promise<void>): void => {
    suite(`${name}: ${title}`, () => withLog(work));
  };

  test('an event is read as it was appended, with its position', async (log) => {
    const full = edit(plan, {
      actor: 'Zoë 🛩' as UserId,
      payload: bytes(0, 255, 7),
      meta: { title: 'Plän', n: [1, null, { deep: true }] },
    });
    const empty = edit(plan, { kind: 'locked', payload: null, at: 2_000 });
    const none = edit(plan, { payload: bytes(), at: 3_000 });
    assert.equal(await log.append([unit(full, empty), unit(none)]), [
      {
        ok: true,
        positions: [
          { id: 1, seq: 1, at: 1_000 },
          { id: 2, seq: 2, at: 2_000 },
        ],
      },
      { ok: true, positions: [{ id: 3, seq: 3, at: 3_000 }] },
    ]);
    const read = await log.read(plan, 0);
    assert.is(read.kind, 'range');
    if (read.kind !== 'range') return;
    assert.equal({ head: read.head, more: read.more }, { head: 3, more: false });
    assert.equal(
      read.events.map((event) => ({ ...event, payload: event.payload && [...event.payload] })),
      [
        { ...full, payload: [0, 255, 7], id: 1, seq: 1 },
        { ...empty, id: 2, seq: 2 },
        { ...none, payload: [], id: 3, seq: 3 },
      ],
    );
  });

  test('ids order all streams and seqs count each one, in the order of the calls', async (log) => {
    const calls: Promise<readonly AppendOutcome[]>[] = [];
    for (let index = 0; index < 60; index += 1) {
      calls.push(log.append([unit(edit(index % 2 === 0 ? plan : notes, { meta: { index } }))]));
      if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(calls);
    const all = await log.readAll(0, 100);
    assert.equal(
      all.map(({ id, seq, meta }) => ({ id, seq, index: meta?.['index'] })),
      Array.from({ length: 60 }, (_, index) => ({ id: index + 1, seq: Math.floor(index / 2) + 1, index })),
    );
    assert.equal(
      (await log.readAll(57, 2)).map(({ id }) => id),
      [58, 59],
    );
    const { events, cursor } = await log.scan(57, 2);
    assert.equal({ ids: events.map(({ id }) => id), cursor }, { ids: [58, 59], cursor: 59 });
    assert.equal(await log.scan(60, 2), { events: [], damaged: [], cursor: 60 });
  });

  test('time never goes back within a stream', async (log) => {
    await log.append([unit(edit(plan, { at: 5_000 }), edit(plan, { at: 4_000 }), edit(notes, { at: 10 }))]);
    const [outcome] = await log.append([unit(edit(plan, { at: 3_000 }), edit(plan, { at: 6_000 }))]);
    assert.equal(outcome?.ok && outcome.positions.map(({ at }) => at), [5_000, 6_000]);
    assert.equal(
      (await log.readAll(0, 10)).map(({ at }) => at),
      [5_000, 5_000, 10, 5_000, 6_000],
    );
  });

  test('a unit whose expectation fails is not logged, its neighbours are', async (log) => {
    await log.append([unit(edit(plan))]);
    const outcomes = await log.append([
      { events: [edit(plan)], expect: [{ stream: plan, head: 1 }] },
      {
        events: [edit(notes), edit(plan)],
        expect: [
          { stream: notes, head: 0 },
          { stream: plan, head: 1 },
        ],
        checkpoints: [{ stream: plan, state: bytes(9) }],
      },
      { events: [edit(notes)], expect: [{ stream: notes, head: 0 }] },
    ]);
    assert.equal(seqsOf(outcomes), [[2], { conflict: 2 }, [1]]);
    assert.is(outcomes[1]?.ok === false && outcomes[1].stream, plan);
    assert.equal(
      (await log.readAll(0, 10)).map(({ stream, seq }) => [stream, seq]),
      [
        [plan, 1],
        [plan, 2],
        [notes, 1],
      ],
    );
    assert.is(await log.checkpoint(plan, 100), null);
  });

  test('of two racing appends that expect the same head, one wins', async (log) => {
    const racing = () => log.append([{ events: [edit(plan)], expect: [{ stream: plan, head: 0 }] }]);
    const outcomes = await Promise.all([racing(), racing()]);
    assert.equal(outcomes.map(seqsOf), [[[1]], [{ conflict: 1 }]]);
  });

  test('nothing to log is fine', async (log) => {
    assert.equal(await log.append([]), []);
    assert.equal(await log.append([unit()]), [{ ok: true, positions: [] }]);
    assert.equal(await log.readAll(0, 10), []);
  });

  test('a read is cut by its limit and by 4 MiB, and goes on after its last event', async (log) => {
    await appendEdits(log, plan, 5);
    const page = await log.read(plan, 1, 2);
    assert.equal(page.kind === 'range' && [page.events.map(({ seq }) => seq), page.head, page.more], [[2, 3], 5, true]);
    const rest = await log.read(plan, 3, 2);
    assert.equal(rest.kind === 'range' && [rest.events.map(({ seq }) => seq), rest.more], [[4, 5], false]);
    const large = edit(notes, { payload: new Uint8Array(3 * 1024 * 1024) });
    await log.append([unit(large, large, large)]);
    const cut = await log.read(notes, 0);
    assert.equal(cut.kind === 'range' && [cut.events.length, cut.more], [2, true]);
  });

  test('a read at the head is an empty range, beyond it is ahead', async (log) => {
    assert.equal(await log.read(plan, 0), { kind: 'range', events: [], head: 0, more: false });
    assert.equal(await log.read(plan, 1), { kind: 'ahead', head: 0 });
    await appendEdits(log, plan, 2);
    assert.equal(await log.read(plan, 2), { kind: 'range', events: [], head: 2, more: false });
    assert.equal(await log.read(plan, 3), { kind: 'ahead', head: 2 });
  });

  test('the head is the last position', async (log) => {
    assert.is(await log.head(plan), null);
    await log.append([unit(edit(plan, { at: 1 }), edit(plan, { at: 2 }), edit(notes, { at: 3 }))]);
    assert.equal(await log.head(plan), { id: 2, seq: 2, at: 2 });
    await log.append([unit(edit(plan, { at: 4 }))]);
    assert.equal(await log.head(plan), { id: 4, seq: 3, at: 4 });
  });

  test('heads are right for more streams than anybody asks about at a time', async (log) => {
    const streams = Array.from({ length: 1_100 }, (_, index) => `doc/many-${index}` as StreamName);
    for (let round = 1; round <= 2; round += 1) {
      await log.append([unit(...streams.map((stream) => edit(stream, { at: round })))]);
      for (const stream of streams) assert.is((await log.head(stream))?.seq, round);
    }
  });

  test('a list of several hundred events leaves none out, in either order, and ends where it is told to', async (log) => {
    const all = Array.from({ length: 650 }, (_, index) => index + 1);
    await log.append([unit(...all.map((seq) => edit(plan, { at: seq, actor: seq % 3 === 0 ? bob : alice })))]);
    const seqs = async (filter: Parameters<EventLog['list']>[1]) =>
      (await log.list(plan, filter)).map(({ seq }) => seq);
    const byBob = all.filter((seq) => seq % 3 === 0);
    assert.equal(await seqs({ order: 'asc', limit: 1_000 }), all);
    assert.equal(await seqs({ order: 'desc', limit: 1_000 }), all.toReversed());
    assert.equal(await seqs({ order: 'asc', limit: 200 }), all.slice(0, 200));
    assert.equal(await seqs({ order: 'desc', limit: 250, before: 500 }), all.slice(249, 499).toReversed());
    assert.equal(await seqs({ order: 'asc', limit: 1_000, actor: bob }), byBob);
    assert.equal(await seqs({ order: 'desc', limit: 150, actor: bob }), byBob.slice(-150).toReversed());
  });

  test('a list is filtered by actor, kind, seq and time, in either order', async (log) => {
    const kinds = ['edit', 'undo', 'version'] as const;
    for (let index = 1; index <= 12; index += 1) {
      const kind = kinds[index % 3] ?? 'edit';
      await log.append([unit(edit(plan, { at: index * 10, kind, actor: index % 2 === 0 ? alice : bob }))]);
    }
    await log.append([unit(edit(notes))]);
    const seqs = async (filter: Partial<Parameters<EventLog['list']>[1]>) =>
      (await log.list(plan, { order: 'asc', limit: 100, ...filter })).map(({ seq }) => seq);
    assert.equal(await seqs({}), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.equal(await seqs({ order: 'desc', limit: 3 }), [12, 11, 10]);
    assert.equal(await seqs({ after: 3, before: 6 }), [4, 5]);
    assert.equal(await seqs({ after: 9, limit: 2 }), [10, 11]);
    assert.equal(await seqs({ before: 4, order: 'desc', limit: 2 }), [3, 2]);
    assert.equal(await seqs({ kinds: ['undo', 'version'] }), [1, 2, 4, 5, 7, 8, 10, 11]);
    assert.equal(await seqs({ kinds: ['edit'], actor: alice }), [6, 12]);
    assert.equal(await seqs({ kinds: [] }), []);
    assert.equal(await seqs({ since: 30, until: 60 }), [3, 4, 5]);
    assert.equal(await seqs({ since: 35, until: 65, order: 'desc' }), [6, 5, 4]);
    assert.equal(await seqs({ since: 1_000 }), []);
    assert.equal(await seqs({ until: 10 }), []);
    assert.equal(await seqs({ actor: 'nobody' as UserId }), []);
    const [first] = await log.list(plan, { order: 'asc', limit: 1 });
    assert.equal(first, { id: 1, stream: plan, seq: 1, at: 10, actor: bob, kind: 'undo', meta: null, bytes: 3 });
    assert.equal(await log.list(board, { order: 'asc', limit: 1 }), []);
  });

  test('the position at a time is the last one not later', async (log) => {
    assert.is(await log.positionAt(plan, 1_000), null);
    await log.append([unit(...[10, 20, 20, 20, 30].map((at) => edit(plan, { at })))]);
    const at = async (time: number) => (await log.positionAt(plan, time))?.seq ?? null;
    assert.equal(await Promise.all([9, 10, 19, 20, 25, 30, 99].map(at)), [null, 1, 1, 4, 4, 5, 5]);
  });

  test('the newest checkpoint at or before a seq is found', async (log) => {
    assert.is(await log.checkpoint(plan, 10), null);
    for (const value of [1, 2, 3]) {
      await log.append([{ events: [edit(plan), edit(plan)], checkpoints: [{ stream: plan, state: bytes(value) }] }]);
    }
    const at = async (seq: number) => {
      const found = await log.checkpoint(plan, seq);
      return found && [found.seq, ...found.state];
    };
    assert.equal(await Promise.all([1, 2, 3, 5, 6, 99].map(at)), [null, [2, 1], [2, 1], [4, 2], [6, 3], [6, 3]]);
    await log.append([{ events: [], checkpoints: [{ stream: plan, state: bytes(7) }] }]);
    assert.equal(await at(6), [6, 7], 'a later one for the same seq takes its place');
    assert.is(await log.checkpoint(notes, 99), null);
  });

  test('a truncated stream goes on counting, and its earlier part is gone', async (log) => {
    await appendEdits(log, board, 4);
    await log.append([
      { events: [edit(board, { at: 50 })], checkpoints: [{ stream: board, state: bytes(5), truncate: true }] },
    ]);
    await appendEdits(log, plan, 1);
    assert.equal(await log.read(board, 0), { kind: 'gone', oldest: 5 });
    assert.equal(await log.read(board, 3), { kind: 'gone', oldest: 5 });
    assert.equal(await log.read(board, 5), { kind: 'range', events: [], head: 5, more: false });
    assert.is((await log.head(board))?.seq, 5);
    const [outcome] = await log.append([unit(edit(board, { at: 1 }))]);
    assert.equal(outcome?.ok && outcome.positions, [{ id: 7, seq: 6, at: 50 }]);
    const rest = await log.read(board, 5);
    assert.equal(rest.kind === 'range' && rest.events.map(({ seq }) => seq), [6]);
    assert.equal([...((await log.checkpoint(board, 99))?.state ?? [])], [5]);
    assert.equal((await log.positionAt(board, 50))?.seq, 6);
    assert.is(await log.positionAt(board, 40), null);
    assert.equal(
      (await log.list(board, { order: 'desc', limit: 10 })).map(({ seq }) => seq),
      [6, 5],
    );
  });

  test('listeners hear every event in order, after its append was fulfilled', async (log) => {
    const heard: LoggedEvent[] = [];
    const order: string[] = [];
    const end = log.tail((events) => {
      heard.push(...events);
      for (const { id } of events) order.push(`heard ${id}`);
    });
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const [outcome] = await log.append([unit(edit(index % 3 === 0 ? plan : notes, { payload: bytes(index) }))]);
        if (outcome?.ok) order.push(`fulfilled ${outcome.positions[0]?.id}`);
      }),
    );
    await log.append([unit(edit(plan)), { events: [edit(plan)], expect: [{ stream: plan, head: 99 }] }]);
    await Promise.resolve();
    assert.equal(
      heard.map(({ id }) => id),
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
    for (const { id } of heard) {
      assert.ok(order.indexOf(`heard ${id}`) > order.indexOf(`fulfilled ${id}`), `event ${id} was heard of too early`);
    }
    assert.equal([...(heard[4]?.payload ?? [])], [4]);
    assert.is(heard[4]?.actor, alice);
    end();
    await log.append([unit(edit(plan))]);
    assert.is(heard.length, 21);
  });

  test('a listener may append, and reads see what it was told of', async (log) => {
    const done = new Promise<number>((resolve, reject) => {
      const end = log.tail((events) => {
        end();
        log
          .read(plan, 0)
          .then(async (read) => {
            assert.is(read.kind === 'range' && read.events.length >= events.length, true);
            await log.append([unit(edit(notes))]);
            resolve((await log.head(notes))?.seq ?? 0);
          })
          .catch(reject);
      });
    });
    await log.append([unit(edit(plan), edit(plan))]);
    assert.is(await done, 1);
  });

  test('what the caller does to its bytes later changes nothing', async (log) => {
    const payload = bytes(1, 2, 3);
    await log.append([unit(edit(plan, { payload }))]);
    payload.fill(9);
    const read = await log.read(plan, 0);
    assert.equal(read.kind === 'range' && [...(read.events[0]?.payload ?? [])], [1, 2, 3]);
  });

  test('the statistics count', async (log) => {
    await log.append([unit(edit(plan), edit(notes))]);
    await log.append([unit(edit(plan))]);
    const { lastId, streams, commits, events, writable } = log.stats();
    assert.equal(
      { lastId, streams, commits, events, writable },
      { lastId: 3, streams: 2, commits: 2, events: 3, writable: true },
    );
  });

  test('closing commits what waits and refuses what comes later', async (log) => {
    const waiting = log.append([unit(edit(plan))]);
    const closed = log.close();
    assert.is(await codeOf(log.append([unit(edit(plan))])), 'restarting');
    assert.equal(seqsOf(await waiting), [[1]]);
    await closed;
    await log.close();
    assert.is(await codeOf(log.read(plan, 0)), 'restarting');
    assert.is(await codeOf(log.head(plan)), 'restarting');
  });
};
