// kill -9 under load, again and again: what any client received must be there after the restart.

import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import type { Random } from '../../src/model/time.js';
import { controlFrame, missingFrom, RawClient } from '../support/raw-client.js';
import { percentiles, seededRandom, wholeBelow } from '../support/seed.js';
import { generousLimits, ServerProcess } from '../support/server-process.js';

const rooms = 2;
const writersPerRoom = 2;
/** After that many kills the rooms are new, so that documents stay small and first openings are tried too. */
const killsPerDocument = 15;
const longestLoadMs = 90;
const editsPerTick = 4;

export interface KillReport {
  readonly kills: number;
  /** Edits (transactions) sent, and received by somebody other than their author. */
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

interface Room {
  readonly id: string;
  /** Everything that readers ever received, over all kills. */
  readonly seen: Y.Doc;
  /** How far writers saw each other's clocks, which can be further than the reader came. */
  readonly clocks: Map<number, number>;
  saved: number;
}

const newRoom = (name: string): Room => ({ id: name, seen: new Y.Doc(), clocks: new Map(), saved: 0 });

const type =
  (random: Random) =>
  (doc: Y.Doc): void => {
    const text = doc.getText('content');
    if (text.length > 20 && random() < 0.3) text.delete(wholeBelow(random, text.length - 3), 1 + wholeBelow(random, 3));
    else text.insert(wholeBelow(random, text.length + 1), String.fromCharCode(97 + wholeBelow(random, 26)));
  };

/** One room's people for one life of the server. */
class Load {
  readonly room: Room;
  readonly writers: readonly RawClient[];
  readonly reader: RawClient;
  sent = 0;

  constructor(room: Room, wsUrl: string) {
    this.room = room;
    this.writers = Array.from(
      { length: writersPerRoom },
      (_, index) => new RawClient(wsUrl, room.id, { user: `writer${index}` }),
    );
    this.reader = new RawClient(wsUrl, room.id, { user: 'reader' });
  }

  async ready(): Promise<void> {
    await Promise.all([this.reader, ...this.writers].map((client) => client.sync()));
    for (const writer of this.writers) writer.send(controlFrame({ id: 1, do: 'hello' }));
  }

  tick(random: Random): void {
    for (const writer of this.writers)
      for (let edit = 0; edit < editsPerTick; edit += 1) {
        writer.edit(type(random));
        this.sent += 1;
      }
  }

  /** Waits for the sockets' end, so that every byte that left the server counts as seen. Then takes stock. */
  async end(): Promise<number> {
    await Promise.all([this.reader, ...this.writers].map((client) => client.closing()));
    const { room, reader, writers } = this;
    if (reader.doc.store.pendingStructs !== null) throw new Error(`${room.id}: the reader got an edit before its base`);
    Y.applyUpdate(room.seen, Y.encodeStateAsUpdate(reader.doc));
    for (const { doc, controls } of writers) {
      for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc)))
        if (client !== doc.clientID) room.clocks.set(client, Math.max(clock, room.clocks.get(client) ?? 0));
      for (const { event, seq } of controls) if (event === 'saved') room.saved = Math.max(room.saved, seq ?? 0);
    }
    const { updates } = reader;
    for (const client of [reader, ...writers]) client.destroy();
    return updates;
  }
}

/** Kills the server `kills` times; the report says what that did. Nothing is asserted here. */
export const runKills = async (kills: number, seed: number): Promise<KillReport> => {
  const random = seededRandom(seed);
  const server = await ServerProcess.start({ env: { ...generousLimits } });
  const answers: number[] = [];
  const downs: number[] = [];
  const retired: Room[] = [];
  let current: Room[] = [];
  let sent = 0;
  let seen = 0;
  let lostStructs = 0;
  let lostDeletes = 0;
  let falseSaved = 0;

  const compare = async (room: Room, client: RawClient): Promise<void> => {
    const { structs, deletes } = missingFrom(client.doc, room.seen);
    lostStructs += structs;
    if (deletes) lostDeletes += 1;
    const state = Y.decodeStateVector(Y.encodeStateVector(client.doc));
    for (const [id, clock] of room.clocks) if ((state.get(id) ?? 0) < clock) lostStructs += 1;
    const { seq } = await client.request({ id: 7, do: 'hello' });
    if (typeof seq !== 'number' || seq < room.saved) falseSaved += 1;
  };

  try {
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill % killsPerDocument === 0) {
        retired.push(...current);
        current = Array.from({ length: rooms }, (_, index) => newRoom(`kill/${kill}-${index}`));
      }
      const loads = current.map((room) => new Load(room, server.wsUrl));
      await Promise.all(loads.map((load) => load.ready()));
      const end = performance.now() + 5 + random() * longestLoadMs;
      while (performance.now() < end) {
        for (const load of loads) load.tick(random);
        await pause(1);
      }
      await server.kill9();
      for (const load of loads) {
        seen += await load.end();
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
  `${report.kills} kills: ${report.sent} edits sent, ${report.seen} updates seen by readers, lost ${report.lostStructs} structs, ` +
  `${report.lostDeletes} deletes, ${report.falseSaved} false saved; first answer p50 ${report.answerMs.p50.toFixed(0)} ms, ` +
  `p99 ${report.answerMs.p99.toFixed(0)} ms, max ${report.answerMs.max.toFixed(0)} ms after listening ` +
  `(p50 ${report.downMs.p50.toFixed(0)} ms, max ${report.downMs.max.toFixed(0)} ms after the spawn)`;
