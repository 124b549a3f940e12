// The SQLite log and the memory log are given the same random calls and must answer the same, also after restarts of the SQLite log.
// Used by equivalence.test.ts and test/torture/log-equivalence.ts.

import * as assert from 'uvu/assert';
import { createMemoryLog } from '../../src/log/memory-log.js';
import type { AppendUnit, EventFilter, EventLog } from '../../src/model/event-log.js';
import type { EventKind } from '../../src/model/events.js';
import { type StreamName, streamName, type UserId } from '../../src/model/ids.js';
import { openLog, withFolder } from './temporary-log.js';

const streams = ['a', 'b', 'ü'].map((name) => streamName('doc', name));
const kinds: readonly EventKind[] = ['edit', 'undo', 'version', 'locked'];

class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed << 1) | 1;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  bytes(bound: number): Uint8Array {
    return Uint8Array.from({ length: this.below(bound) }, () => this.below(256));
  }
}

const randomUnit = (chance: Chance): AppendUnit => {
  const events = Array.from({ length: chance.below(4) }, () => ({
    stream: chance.of(streams),
    kind: chance.of(kinds),
    actor: chance.of(['alice', 'bob', 'Zoë'] as UserId[]),
    at: chance.below(10_000),
    payload: chance.below(4) === 0 ? null : chance.bytes(200),
    meta: chance.below(3) === 0 ? { n: chance.below(100), text: 'ä"\u0000' } : null,
  }));
  return {
    events,
    ...(chance.below(4) === 0 && { expect: [{ stream: chance.of(streams), head: chance.below(40) }] }),
    ...(chance.below(5) === 0 && {
      checkpoints: [{ stream: chance.of(streams), state: chance.bytes(500), truncate: chance.below(3) === 0 }],
    }),
  };
};

const randomFilter = (chance: Chance): EventFilter => ({
  order: chance.of(['asc', 'desc']),
  limit: 1 + chance.below(20),
  ...(chance.below(2) === 0 && { after: chance.below(40) }),
  ...(chance.below(2) === 0 && { before: chance.below(80) }),
  ...(chance.below(3) === 0 && { actor: 'bob' as UserId }),
  ...(chance.below(3) === 0 && { kinds: [chance.of(kinds), chance.of(kinds)] }),
  ...(chance.below(3) === 0 && { since: chance.below(10_000) }),
  ...(chance.below(3) === 0 && { until: chance.below(10_000) }),
});

/** Buffers as plain lists, so that a Buffer equals a Uint8Array. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      inner instanceof Uint8Array ? [...inner] : isJsonBuffer(inner) ? inner.data : inner,
    ),
  );
const isJsonBuffer = (value: unknown): value is { readonly data: readonly number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;

const question = (chance: Chance): ((log: EventLog) => Promise<unknown>) => {
  const stream: StreamName = chance.of(streams);
  const seq = chance.below(60);
  const limit = 1 + chance.below(10);
  const filter = randomFilter(chance);
  return chance.of<(log: EventLog) => Promise<unknown>>([
    (log) => log.head(stream),
    (log) => log.read(stream, seq, limit),
    (log) => log.list(stream, filter),
    (log) => log.positionAt(stream, seq * 200),
    (log) => log.checkpoint(stream, seq),
    (log) => log.readAll(seq, limit),
    (log) => log.scan(seq, limit),
  ]);
};

/** Plays `count` rounds; returns how many events were logged. */
export const run = async (count: number, seed: number): Promise<number> => {
  const chance = new Chance(seed);
  const memory = createMemoryLog();
  await withFolder(async (dataDir) => {
    let sqlite = await openLog(dataDir);
    try {
      for (let round = 0; round < count; round += 1) {
        const calls = Array.from({ length: 1 + chance.below(4) }, () =>
          Array.from({ length: 1 + chance.below(3) }, () => randomUnit(chance)),
        );
        const where = `seed ${seed}, round ${round}`;
        const answers = (log: EventLog) => Promise.all(calls.map((units) => log.append(units)));
        assert.equal(await answers(sqlite), await answers(memory), where);
        for (let index = 0; index < 6; index += 1) {
          const ask = question(chance);
          assert.equal(plain(await ask(sqlite)), plain(await ask(memory)), `${where}: ${ask}`);
        }
        if (chance.below(25) === 0) {
          await sqlite.close();
          sqlite = await openLog(dataDir);
        }
      }
      assert.is(sqlite.stats().streams, memory.stats().streams);
    } finally {
      await sqlite.close();
    }
  });
  return memory.stats().events;
};
