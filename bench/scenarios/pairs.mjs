// *pairs*: 100 rooms with a writer and a reader each; the next keystroke is typed when the reader has the last one.
// Unit of work: an edit that arrived at the reader.

import { closeClients, openClients } from '../client.mjs';
import { measure, until } from '../measurement.mjs';
import { Latencies } from '../statistics.mjs';
import { Received, Typist } from '../typist.mjs';
import { busy, faults, latency } from './columns.mjs';

const rooms = 100;

export const pairs = {
  name: 'pairs',
  title: `pairs: ${rooms} rooms, a writer and a reader each, the next keystroke when the last arrived`,
  measures: () => true,
  columns: [
    { key: 'cpuMicros', title: 'CPU µs per edit', digits: 1 },
    { key: 'perSecond', title: 'edits/s', digits: 0 },
    ...latency,
    ...busy,
    ...faults,
  ],
  compared: ['cpuMicros', 'latencyP50Ms'],

  run: async ({ start, settings }) => {
    const server = await start();
    const clients = await openClients(server, rooms * 2, (index) => `pairs-${index >> 1}`);
    const typist = new Typist(1, settings.seed);
    const latencies = new Latencies();
    let delivered = 0;
    let typing = true;
    const typed = new Array(rooms).fill(0);
    const received = Array.from({ length: rooms }, () => new Received());
    const sentAt = new Float64Array(rooms);
    const type = (room) => {
      sentAt[room] = performance.now();
      clients[room * 2].sendUpdate(typist.keystroke(typed[room]));
      typed[room] += 1;
    };
    for (let room = 0; room < rooms; room += 1) {
      clients[room * 2 + 1].onUpdate = (update) =>
        received[room].take(update, (_, from, to) => {
          delivered += to - from;
          latencies.add(performance.now() - sentAt[room]);
          if (typing && to === typed[room]) type(room);
        });
      type(room);
    }
    const figures = await measure({ server, settings, latencies, work: () => delivered });
    typing = false;
    const missing = () => typed.reduce((sum, count) => sum + count, 0) - delivered;
    await until(() => missing() === 0, 10_000);
    closeClients(clients);
    return { ...figures, faults: missing() + received.reduce((sum, reader) => sum + reader.gaps, 0) };
  },
};
