// One stream of the feed, held piece by piece: what a slow, a silent and a gone reader cost.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change } from '../../src/http/change.js';
import { ChangeFeed } from '../../src/http/change-feed.js';
import { ChangeStream } from '../../src/http/change-stream.js';
import { createMemoryLog, type MemoryLog } from '../../src/log/memory-log.js';
import type { LoggedEvent } from '../../src/model/events.js';
import { type StreamName, streamName, type UserId } from '../../src/model/ids.js';
import { within } from '../support/deadline.js';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.js';

interface Stage {
  readonly log: MemoryLog;
  readonly feed: ChangeFeed;
  readonly clock: VirtualClock;
  readonly edits: (count: number) => Promise<void>;
  readonly open: (after: number, expiresAt?: number) => ReadableStreamDefaultReader<Uint8Array>;
  readonly ends: () => number;
}

const plan: StreamName = streamName('doc', 'plan');

const onStage = async (work: (stage: Stage) => Promise<void>): Promise<void> => {
  const log = createMemoryLog();
  const clock = createVirtualClock(1_000);
  const feed = new ChangeFeed({ log, onDamaged: () => {} });
  let ends = 0;
  const edits = async (count: number): Promise<void> => {
    const event = {
      stream: plan,
      kind: 'edit',
      actor: 'alice' as UserId,
      at: 1,
      payload: new Uint8Array(3),
      meta: null,
    };
    await log.append(Array.from({ length: count }, () => ({ events: [event as Omit<LoggedEvent, 'id' | 'seq'>] })));
  };
  const open = (after: number, expiresAt: number | null = null) =>
    new ChangeStream(after, {
      ...{ feed, clock, expiresAt, maxStalledMs: 15_000 },
      sight: async () => (change) => change,
      wants: () => true,
      onEnd: () => {
        ends += 1;
      },
    }).body.getReader();
  await work({ log, feed, clock, edits, open, ends: () => ends });
  feed.close();
  await log.close();
};

const text = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string | null> => {
  const { value } = await reader.read();
  return value === undefined ? null : Buffer.from(value).toString();
};
const idsOf = (piece: string | null): readonly number[] =>
  [...(piece ?? '').matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test('a silent stream says every 15 s where it stands, so that proxies keep it and a reader can go on from there', () =>
  onStage(async ({ clock, open, edits, log }) => {
    await edits(3);
    await log.append([
      {
        events: [
          {
            stream: streamName('view', 'bob'),
            kind: 'view',
            actor: 'system' as UserId,
            at: 1,
            payload: null,
            meta: null,
          },
        ],
      },
    ]);
    const reader = open(3);
    assert.is(await text(reader), 'retry: 1000\nid: 3\n\n');
    const beat = text(reader);
    await clock.advance(15_000);
    assert.is(await beat, 'id: 4\n\n'); // the view's event was nobody's, and is passed
    await reader.cancel();
    assert.is(clock.pending(), 0);
  }));

test('a reader who takes nothing for 15 s is let go, and nothing was queued for it meanwhile', () =>
  onStage(async ({ clock, open, edits, ends }) => {
    const reader = open(0);
    await text(reader);
    await edits(5);
    assert.equal(idsOf(await text(reader)), [1, 2, 3, 4, 5]);
    await edits(50_000);
    await clock.advance(14_000);
    assert.is(ends(), 0);
    await clock.advance(1_000);
    assert.is(ends(), 1);
    let why = '';
    await reader.read().catch((error: Error) => {
      why = error.message;
    });
    assert.match(why, /slow-consumer/);
    assert.is(clock.pending(), 0);
  }));

test('however far behind it begins, a stream comes in pieces of bounded size, in order and whole', () =>
  onStage(async ({ open, edits }) => {
    await edits(12_345);
    const reader = open(0);
    await text(reader);
    const seen: number[] = [];
    while (seen.length < 12_345) {
      const piece = await text(reader);
      assert.ok((piece?.length ?? 0) < 128 * 1024);
      seen.push(...idsOf(piece));
    }
    assert.equal(
      seen,
      Array.from({ length: 12_345 }, (_, index) => index + 1),
    );
    await reader.cancel();
  }));

test('an expired token ends a stream that is waiting', () =>
  onStage(async ({ clock, open, ends }) => {
    const reader = open(0, 20_000);
    await text(reader);
    const next = text(reader);
    await clock.advance(15_000);
    assert.is(await next, 'id: 0\n\n');
    const end = text(reader);
    await clock.advance(3_999);
    assert.is(ends(), 0);
    await clock.advance(1);
    assert.is(await end, null);
    assert.equal([ends(), clock.pending()], [1, 0]);
  }));

test('a commit between a look at the log and the wait for the next one is not slept over', () =>
  onStage(async ({ log, clock, edits }) => {
    await edits(1);
    let isFirst = true;
    const feed = new ChangeFeed({
      onDamaged: () => {},
      log: {
        stats: () => log.stats(),
        tail: (listener) => log.tail(listener),
        scan: async (after, limit) => {
          const page = await log.scan(after, limit);
          if (isFirst) await edits(1);
          isFirst = false;
          return page;
        },
      },
    });
    const sight = async () => (change: Change) => change;
    const options = { feed, clock, sight, wants: () => true, expiresAt: null, maxStalledMs: 15_000, onEnd: () => {} };
    const reader = new ChangeStream(1, options).body.getReader();
    await text(reader);
    assert.equal(idsOf(await within(text(reader), 'the edit comes')), [2]);
    await reader.cancel();
    feed.close();
  }));

test('news that leave something out do not: what fell into the hole is read from the log', () =>
  onStage(async ({ log, edits }) => {
    // As when the writer died between its commit and its answer.
    let drop = false;
    const holed = new ChangeFeed({
      onDamaged: () => {},
      log: {
        scan: (after, limit) => log.scan(after, limit),
        stats: () => log.stats(),
        tail: (listener) => log.tail((events) => !drop && listener(events)),
      },
    });
    await edits(3);
    drop = true;
    await edits(4);
    drop = false;
    await edits(2);
    for (let from = 0; from <= 9; from += 1) {
      const ids: number[] = [];
      for (let cursor = from; ; ) {
        const page = await holed.after(cursor, 2);
        if (page.cursor === cursor) break;
        cursor = page.cursor;
        ids.push(...page.changes.map(({ id }) => id));
      }
      assert.equal(
        ids,
        Array.from({ length: 9 - from }, (_, index) => from + 1 + index),
      );
    }
    holed.close();
  }));

test.run();
