// *fan-out*: one room with 200 readers and 10 writers who type 10 keystrokes a second each.
// Unit of work: an edit delivered to one other client (to 200 readers and the 9 other writers).

import { closeClients, openClients } from '../client.mjs';
import { measure, until } from '../measurement.mjs';
import { seededRandom } from '../random.mjs';
import { Latencies } from '../statistics.mjs';
import { Received, Typist } from '../typist.mjs';
import { busy, faults, latency } from './columns.mjs';

const readers = 200;
const writers = 10;
const keystrokesPerSecond = 10;

export const fanOut = {
  name: 'fan-out',
  title: `fan-out: one room, ${readers} readers, ${writers} writers at ${keystrokesPerSecond} keystrokes/s`,
  measures: () => true,
  columns: [
    { key: 'cpuMicros', title: 'CPU µs per delivered edit', digits: 2 },
    { key: 'perSecond', title: 'deliveries/s', digits: 0 },
    ...latency,
    ...busy,
    ...faults,
  ],
  compared: ['cpuMicros', 'latencyP50Ms'],

  run: async ({ start, settings }) => {
    const server = await start();
    const clients = await openClients(server, writers + readers, () => 'fan-out');
    const random = seededRandom(settings.seed);
    const latencies = new Latencies();
    let delivered = 0;
    const typists = Array.from({ length: writers }, (_, index) => new Typist(index + 1, settings.seed + index));
    for (const typist of typists)
      typist.keystroke((settings.warmupSeconds + settings.seconds + 2) * keystrokesPerSecond);
    const sentAt = typists.map(() => []);
    const received = clients.map(() => new Received());
    for (const [index, client] of clients.entries()) {
      client.onUpdate = (update) =>
        received[index].take(update, (clientId, from, to) => {
          if (clientId === index + 1) return;
          delivered += to - from;
          const now = performance.now();
          for (let clock = from; clock < to; clock += 1) latencies.add(now - sentAt[clientId - 1][clock]);
        });
    }
    const timers = typists.map((typist, index) => {
      const type = () => {
        const clock = sentAt[index].push(performance.now()) - 1;
        clients[index].sendUpdate(typist.keystroke(clock));
      };
      const period = 1000 / keystrokesPerSecond;
      return setTimeout(() => {
        timers[index] = setInterval(type, period);
      }, random() * period);
    });
    const figures = await measure({ server, settings, latencies, work: () => delivered });
    for (const timer of timers) clearInterval(timer);
    const typed = sentAt.reduce((sum, times) => sum + times.length, 0);
    const missing = () => typed * (writers + readers - 1) - delivered;
    await until(() => missing() === 0, 10_000);
    closeClients(clients);
    return { ...figures, faults: missing() + received.reduce((sum, reader) => sum + reader.gaps, 0) };
  },
};
