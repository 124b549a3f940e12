// The crash-point property: a process that appends is killed at any instant; every event that it was told is durable is there, nothing is
// half there, and the next process goes on. Used by crash.test.ts and by test/torture/log-crash.ts.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { databaseFile } from '../../src/log/sqlite-log.js';
import { verifyLog } from '../../src/log/verify.js';
import type { StreamName } from '../../src/model/ids.js';
import { openLog, withFolder } from './temporary-log.js';

const child = fileURLToPath(new URL('./appending-child.js', import.meta.url));
const longestLifeMs = 120;

/** xorshift32: the same kills again for the same seed, as far as the machine allows. */
const randomOf = (seed: number) => {
  let state = (seed << 1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** What one killed process was told: `id stream seq` of each acknowledged event. */
const killOne = async (dataDir: string, lifeMs: number): Promise<readonly string[]> => {
  const running = spawn(process.execPath, [child, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(running, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: running.stdout })) {
    if (lines.length === 0) setTimeout(() => running.kill('SIGKILL'), lifeMs);
    lines.push(line);
  }
  const [, signal] = await exited;
  assert.is(signal, 'SIGKILL', 'the appending process ended by itself');
  return lines.filter((line) => line.endsWith('.'));
};

/** Kills `count` processes one after the other on one database; returns how many acknowledged events were found again. */
export const run = async (count: number, seed: number): Promise<number> => {
  const random = randomOf(seed);
  const told = new Set<string>();
  await withFolder(async (dataDir) => {
    for (let round = 1; round <= count; round += 1) {
      const lines = await killOne(dataDir, random() * longestLifeMs);
      assert.ok(lines.length > 0, 'nothing was acknowledged before the kill');
      for (const line of lines) told.add(line);
      assert.equal([...verifyLog(databaseFile(dataDir))], [], `seed ${seed}, round ${round}`);
    }
    const log = await openLog(dataDir);
    try {
      const found = new Set<string>();
      for (let after = 0; ; ) {
        const events = await log.readAll(after, 10_000);
        for (const { id, stream, seq } of events) found.add(`${id} ${stream} ${seq}.`);
        const last = events.at(-1);
        if (!last) break;
        after = last.id;
      }
      const lost = [...told].filter((line) => !found.has(line));
      assert.equal(lost, [], `seed ${seed}: acknowledged events are missing`);
      const pairs = await Promise.all(
        ['doc/a', 'doc/b', 'doc/pair'].map(async (stream) => (await log.head(stream as StreamName))?.seq ?? 0),
      );
      assert.is((pairs[0] ?? 0) + (pairs[1] ?? 0), pairs[2], `seed ${seed}: a unit is there by half`);
    } finally {
      await log.close();
    }
  });
  return told.size;
};
