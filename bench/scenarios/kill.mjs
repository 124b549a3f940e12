// *kill*: 20 rooms with a writer and a reader, 50 keystrokes a second each; kill -9 at a random moment; restart. An edit is lost when
// the reader had received it and a fresh client does not get it any more. (A killed process leaves the kernel's page cache intact,
// so this says nothing of power cuts.)

import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { Client, closeClients, openClients } from '../client.mjs';
import { until } from '../measurement.mjs';
import { seededRandom } from '../random.mjs';
import { Received, Typist } from '../typist.mjs';

const rooms = 20;
const periodMs = 20;
const earliestMs = 3000;
const latestMs = 9000;
/** How long a restarted server may take to bring back what it has. */
const recoveryMs = 5000;

/** Edits of client 1 that a fresh client gets in `room`; it stops waiting once it has `expected` of them. */
const survivors = async (server, room, expected) => {
  const doc = new Y.Doc();
  const client = new Client(server.target, server.url, room);
  const take = (update) => Y.applyUpdate(doc, update);
  client.onStep2 = take;
  client.onUpdate = take;
  const count = () => Y.getState(doc.store, 1);
  await until(() => count() >= expected, recoveryMs);
  closeClients([client]);
  return count();
};

export const kill = {
  name: 'kill',
  title: `kill: kill -9 under ${(rooms * 1000) / periodMs} edits/s in ${rooms} rooms, edits lost that another client had received`,
  measures: (target) => target.persists || target.answersSync,
  columns: [
    { key: 'lost', title: 'lost (worst run)', digits: 0, combine: 'max' },
    { key: 'lostPercent', title: 'lost %', digits: 2, combine: 'max' },
    { key: 'received', title: 'received', digits: 0 },
    { key: 'killedAfterMs', title: 'killed after ms', digits: 0 },
  ],
  compared: [],

  run: async ({ start, settings, run }) => {
    let server = await start();
    const random = seededRandom(settings.seed + run);
    const clients = await openClients(server, rooms * 2, (index) => `kill-${index >> 1}`);
    const typist = new Typist(1, settings.seed);
    typist.keystroke(latestMs / periodMs);
    const received = Array.from({ length: rooms }, () => new Received());
    let total = 0;
    const timers = received.map((reader, room) => {
      let typed = 0;
      clients[room * 2 + 1].onUpdate = (update) =>
        reader.take(update, (_, from, to) => {
          total += to - from;
        });
      return setInterval(() => {
        clients[room * 2].sendUpdate(typist.keystroke(typed));
        typed += 1;
      }, periodMs);
    });
    const killedAfterMs = earliestMs + random() * (latestMs - earliestMs);
    await sleep(killedAfterMs);
    await server.kill();
    for (const timer of timers) clearInterval(timer);
    // Frames that the kernel still held for the readers count as received: the server had sent them.
    await sleep(500);
    for (const client of clients) client.close();

    server = await start();
    const lost = await Promise.all(
      received.map(async (reader, room) => {
        const expected = reader.clocks.get(1) ?? 0;
        return Math.max(0, expected - (await survivors(server, `kill-${room}`, expected)));
      }),
    );
    const sum = lost.reduce((all, each) => all + each, 0);
    return { lost: sum, lostPercent: (sum / total) * 100, received: total, killedAfterMs };
  },
};
