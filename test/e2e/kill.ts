// kill -9 under load, again and again: what any client received must be there after the restart.

import { setTimeout as pause } from 'node:timers/promises';
import { RawClient } from '../support/raw-client.js';
import { percentiles, seededRandom } from '../support/seed.js';
import { generousLimits, ServerProcess } from '../support/server-process.js';
import { lossOf, SeenRoom, TypingLoad } from '../support/typing-load.js';

const rooms = 2;
/** After that many kills the rooms are new, so that documents stay small and first openings are tried too. */
const killsPerDocument = 15;
const longestLoadMs = 90;

export interface KillReport {
  readonly kills: number;
  /** Edits sent (about two thirds of them insert a character), and characters that a reader received before the kill. */
  readonly sent: number;
  readonly seen: number;
  /** Struct clocks that somebody had received and the server lost, and rooms that lost a delete. */
  readonly lostStructs: number;
  readonly lostDeletes: number;
  /** Times that a `saved` notice named a seq the log no longer had. */
  readonly falseSaved: number;
  /** From the line that says the server listens to a fresh client's first sync, ms. */
  readonly answerMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From the spawn to the same first sync, ms. */
  readonly downMs: { readonly p50: number; readonly max: number };
}

/** Kills the server `kills` times; the report says what that did. Nothing is asserted here. */
export const runKills = async (kills: number, seed: number): Promise<KillReport> => {
  const random = seededRandom(seed);
  const server = await ServerProcess.start({ env: { ...generousLimits } });
  const answers: number[] = [];
  const downs: number[] = [];
  const retired: SeenRoom[] = [];
  let current: SeenRoom[] = [];
  let sent = 0;
  let seen = 0;
  let lostStructs = 0;
  let lostDeletes = 0;
  let falseSaved = 0;

  const compare = async (room: SeenRoom, client: RawClient): Promise<void> => {
    const loss = await lossOf(room, client);
    lostStructs += loss.structs;
    lostDeletes += loss.deletes;
    falseSaved += loss.saved;
  };

  try {
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill % killsPerDocument === 0) {
        retired.push(...current);
        current = Array.from({ length: rooms }, (_, index) => new SeenRoom(`kill/${kill}-${index}`));
      }
      const loads = current.map((room) => new TypingLoad(room, server.wsUrl));
      await Promise.all(loads.map((load) => load.ready()));
      const underWay = (): boolean => loads.every(({ reader }) => reader.updates > 0);
      const giveUp = performance.now() + 10_000;
      let end = Number.POSITIVE_INFINITY;
      while (performance.now() < Math.min(end, giveUp)) {
        for (const load of loads) load.tick(random);
        await pause(1);
        if (end === Number.POSITIVE_INFINITY && underWay()) end = performance.now() + random() * longestLoadMs;
      }
      await server.kill9();
      for (const load of loads) {
        seen += (await load.end()).seen;
        sent += load.sent;
      }

      const spawned = performance.now();
      await server.restart({ waitReady: false });
      const fresh = current.map((room) => new RawClient(server.wsUrl, room.id, { user: 'fresh' }));
      await Promise.all(fresh.map((client) => client.sync()));
      answers.push(performance.now() - server.listeningAt);
      downs.push(performance.now() - spawned);
      for (const [index, room] of current.entries()) {
        const client = fresh[index];
        if (client === undefined) continue;
        await compare(room, client);
        client.destroy();
      }
    }
    // And once more all documents there ever were.
    for (const room of retired) {
      const client = await new RawClient(server.wsUrl, room.id, { user: 'fresh' }).sync();
      await compare(room, client);
      client.destroy();
    }
  } catch (error) {
    console.error(`the server wrote:\n${server.output.slice(-4_000)}`);
    throw error;
  } finally {
    await server.dispose();
  }
  const [p50 = 0, p99 = 0, max = 0] = percentiles(answers, 0.5, 0.99, 1);
  const [downP50 = 0, downMax = 0] = percentiles(downs, 0.5, 1);
  return {
    kills,
    sent,
    seen,
    lostStructs,
    lostDeletes,
    falseSaved,
    answerMs: { p50, p99, max },
    downMs: { p50: downP50, max: downMax },
  };
};

export const describeKills = (report: KillReport): string =>
  `${report.kills} kills: ${report.sent} edits sent, ${report.seen} characters seen by readers, lost ${report.lostStructs} structs, ` +
  `${report.lostDeletes} deletes, ${report.falseSaved} false saved; first answer p50 ${report.answerMs.p50.toFixed(0)} ms, ` +
  `p99 ${report.answerMs.p99.toFixed(0)} ms, max ${report.answerMs.max.toFixed(0)} ms after listening ` +
  `(p50 ${report.downMs.p50.toFixed(0)} ms, max ${report.downMs.max.toFixed(0)} ms after the spawn)`;
