// *kill*: 20 rooms with a writer and a reader, the next keystroke 20 ms after the last arrived; kill -9 at a random moment; restart.
// *kill-busy*: the same without the pause, so that the server is as busy as it can be. An edit is lost when the reader had received
// it and a fresh client does not get it any more. (A killed process leaves the kernel's page cache intact, so this says nothing of
// power cuts.)

import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { Client, closeClients, openClients } from '../client.mjs';
import { until } from '../measurement.mjs';
import { seededRandom } from '../random.mjs';
import { Received, Typist } from '../typist.mjs';

const rooms = 20;
const pauseMs = 20;
const earliestMs = 3000;
/** Beyond the longest debounce of the peers (10 s), so that some runs find something stored. */
const latestMs = 15_000;

/** Edits of client 1 that a fresh client gets in `room`; it waits for `expected` of them, or until the server does nothing any more. */
const survivors = async ({ server, quiet, room, expected }) => {
  const doc = new Y.Doc();
  const client = new Client(server.target, server.url, room);
  const take = (update) => Y.applyUpdate(doc, update);
  client.onStep2 = take;
  client.onUpdate = take;
  const count = () => Y.getState(doc.store, 1);
  await until(() => count() >= expected || quiet.reached, 300_000);
  closeClients([client]);
  return count();
};

const killScenario = ({ name, title, pause }) => ({
  name,
  title: `${name}: kill -9 while ${rooms} pairs type ${title}; edits lost that another client had received`,
  measures: (target) => target.answersSync,
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
    const received = Array.from({ length: rooms }, () => new Received());
    let total = 0;
    for (const [room, reader] of received.entries()) {
      const type = (n) => clients[room * 2].sendUpdate(typist.keystroke(n));
      clients[room * 2 + 1].onUpdate = (update) =>
        reader.take(update, (_, from, to) => {
          total += to - from;
          if (pause > 0) setTimeout(type, pause, to);
          else type(to);
        });
      type(0);
    }
    const killedAfterMs = earliestMs + random() * (latestMs - earliestMs);
    await sleep(killedAfterMs);
    await server.kill();
    // Frames that the kernel still held for the readers count as received: the server had sent them.
    await sleep(500);
    for (const client of clients) client.close();

    server = await start();
    const quiet = { reached: false };
    const idle = server.settled(3).then(() => {
      quiet.reached = true;
    });
    const lost = await Promise.all(
      received.map(async (reader, index) => {
        const expected = reader.clocks.get(1) ?? 0;
        const survived = await survivors({ server, quiet, room: `kill-${index}`, expected });
        return Math.max(0, expected - survived);
      }),
    );
    await idle;
    const sum = lost.reduce((all, each) => all + each, 0);
    return { lost: sum, lostPercent: (sum / total) * 100, received: total, killedAfterMs };
  },
});

export const kill = killScenario({ name: 'kill', title: `at 1 keystroke in ${pauseMs} ms`, pause: pauseMs });
export const killBusy = killScenario({ name: 'kill-busy', title: 'as fast as it goes', pause: 0 });
