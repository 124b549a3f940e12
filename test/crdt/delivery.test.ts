// When durable edits leave a room: at once in a small one, sharing a window in a large one, never behind an answer that contains them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Delivery, editWindowMs } from '../../src/crdt/delivery.js';
import type { EditEntry, OutboxEntry } from '../../src/crdt/outbox.js';
import type { Session } from '../../src/crdt/session.js';
import { createVirtualClock } from '../support/virtual-clock.js';

/** What a session was sent: the first bytes of the packets in each write, `answer` for an answer. */
const stage = (connections: number) => {
  const clock = createVirtualClock(1_000);
  const written: string[][] = Array.from({ length: connections }, () => []);
  const sessions = new Set(
    written.map(
      (writes) =>
        ({
          role: 'editor',
          offer: (packet: Uint8Array) => writes.push([...packet].join()),
          outlet: { send: () => writes.push('answer') },
          answered: () => undefined,
        }) as unknown as Session,
    ),
  );
  const delivery = new Delivery({ sessions, outbox: { awaits: () => false }, clock });
  const [author = null] = sessions;
  const logged: number[] = [];
  const edit = (letter: number): OutboxEntry =>
    ({
      kind: 'edit',
      packet: Uint8Array.of(letter),
      from: author,
      ranges: [],
      settle: { logged: () => logged.push(letter), failed: () => undefined },
    }) as unknown as EditEntry;
  const release = (...letters: number[]) =>
    delivery.release(
      letters.map(edit),
      letters.map((letter) => ({ id: letter, seq: letter, at: 0 })),
      letters.at(-1) ?? 0,
    );
  const reader = () => written.at(-1)?.splice(0) ?? [];
  return { clock, delivery, release, reader, logged, last: [...sessions].at(-1) as Session };
};

test('the window is none up to 64 connections and one frame of a screen from 200 on', () => {
  assert.equal([1, 64, 65, 132, 200, 2_000].map(editWindowMs), [0, 0, 1, 8, 16, 16]);
});

test('in a small room every edit leaves with its commit', () => {
  const { release, reader } = stage(64);
  release(1);
  release(2, 3);
  assert.equal(reader(), ['1', '2,3']);
});

test('in a large room the first edit leaves at once, and those within the window leave together', async () => {
  const { clock, release, reader, logged } = stage(200);
  release(1);
  assert.equal(reader(), ['1']);
  await clock.advance(5);
  release(2);
  await clock.advance(5);
  release(3);
  assert.equal(logged, [1, 2, 3], 'who waits for the log does not wait for the window');
  assert.equal(reader(), []);
  await clock.advance(6);
  assert.equal(reader(), ['2,3']);
  await clock.advance(16);
  release(4);
  assert.equal(reader(), ['4']);
});

test('an answer leaves behind the edits that it contains, and at once', async () => {
  const { clock, delivery, release, reader, last } = stage(200);
  release(1);
  release(2);
  // biome-ignore lint/suspicious/noThenProperty: an entry says what comes then; nobody awaits it.
  const answer: OutboxEntry = { kind: 'answer', session: last, compose: () => [Uint8Array.of(9)], then: 'joined' };
  delivery.release([answer], [], 2);
  assert.equal(reader(), ['1', '2', 'answer']);
  await clock.advance(100);
  assert.equal(reader(), []);
});

test('a room that is gone tells nobody anything', async () => {
  const { clock, delivery, release, reader } = stage(200);
  release(1);
  release(2);
  delivery.end();
  await clock.advance(100);
  assert.equal(reader(), ['1']);
});

test.run();
