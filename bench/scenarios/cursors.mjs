// *cursors*: one room, 80 clients, each moving its cursor 10 times a second.
// Unit of work: an awareness update that everybody else has got, or has got a newer one of the same client instead; servers may
// coalesce. It is counted at the receivers, so that a server which falls behind does not look cheap.

import { closeClients, openClients } from '../client.mjs';
import { measure, until } from '../measurement.mjs';
import { seededRandom } from '../random.mjs';
import { Latencies } from '../statistics.mjs';
import { readAwarenessClocks } from '../wire.mjs';
import { busy, faults, latency } from './columns.mjs';

const count = 80;
const movesPerSecond = 10;
/** Latency is sampled at every so many clients only, to spare the load. */
const sampled = 8;

/** What an editor's binding puts there: who it is, and a selection as two relative positions. */
const stateOf = (index, position) =>
  JSON.stringify({
    user: { id: `user-${index}`, name: `Person ${index}`, color: '#30bced', colorLight: '#30bced33' },
    cursor: {
      anchor: { type: null, tname: 'content', item: { client: 1, clock: position }, assoc: 0 },
      head: { type: null, tname: 'content', item: { client: 1, clock: position }, assoc: 0 },
    },
  });

export const cursors = {
  name: 'cursors',
  title: `cursors: one room, ${count} clients, each moving at ${movesPerSecond} Hz`,
  measures: () => true,
  columns: [
    { key: 'cpuMicros', title: 'CPU µs per awareness update', digits: 0 },
    { key: 'perSecond', title: 'updates/s', digits: 0 },
    { key: 'framesPerSecond', title: 'frames/s received', digits: 0 },
    ...latency,
    ...busy,
    ...faults,
  ],
  compared: ['cpuMicros', 'latencyP50Ms'],

  run: async ({ start, settings }) => {
    const server = await start();
    const clients = await openClients(server, count, () => 'cursors');
    const random = seededRandom(settings.seed);
    const latencies = new Latencies();
    const sentAt = Array.from({ length: count }, () => [0]);
    const seen = clients.map(() => new Uint32Array(count + 1));
    let steps = 0;
    let frames = 0;
    for (const [index, client] of clients.entries()) {
      client.onAwareness = (body) => {
        frames += 1;
        readAwarenessClocks(body, (clientId, clock) => {
          if (clientId > count || clientId === index + 1 || clock <= seen[index][clientId]) return;
          steps += clock - seen[index][clientId];
          seen[index][clientId] = clock;
          if (index % sampled === 0) latencies.add(performance.now() - sentAt[clientId - 1][clock]);
        });
      };
    }
    const timers = clients.map((client, index) => {
      const move = () => {
        const clock = sentAt[index].push(performance.now()) - 1;
        client.sendAwareness({ clientId: index + 1, clock, json: stateOf(index, clock) });
      };
      const period = 1000 / movesPerSecond;
      return setTimeout(() => {
        timers[index] = setInterval(move, period);
      }, random() * period);
    });
    const started = { frames, at: performance.now() };
    const figures = await measure({ server, settings, latencies, work: () => steps / (count - 1) });
    const framesPerSecond = ((frames - started.frames) * 1000) / (performance.now() - started.at);
    for (const timer of timers) clearInterval(timer);
    const sent = sentAt.reduce((sum, times) => sum + times.length - 1, 0);
    const missing = () => sent * (count - 1) - steps;
    await until(() => missing() === 0, 10_000);
    closeClients(clients);
    return { ...figures, framesPerSecond, faults: missing() };
  },
};
