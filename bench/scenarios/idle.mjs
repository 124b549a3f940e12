// *idle*: 4,000 connections in 100 rooms that joined and then say nothing. Unit: memory per connection, which includes its share of
// a room. The server has served and lost 400 connections in other rooms before the first weighing, so that code and buffers which any
// first connection brings are not counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { closeClients, openClients } from '../client.mjs';
import { cpuSeconds, residentBytes } from '../process-cost.mjs';

const count = 4000;
const rooms = 100;
const warmupCount = 400;
const warmupRooms = 10;
const quietSeconds = 3;

const weigh = async (server) => {
  await server.settled(quietSeconds);
  const samples = 10;
  let sum = 0;
  for (let i = 0; i < samples; i += 1) {
    sum += residentBytes(server.pid);
    await sleep(200);
  }
  return sum / samples;
};

const join = async (server, connections, roomOf) => {
  const clients = await openClients(server, connections, roomOf);
  for (const [index, client] of clients.entries()) client.sendAwareness({ clientId: index + 1, clock: 1, json: '{}' });
  return clients;
};

export const idle = {
  name: 'idle',
  title: `idle: ${count} connections in ${rooms} rooms`,
  measures: () => true,
  columns: [
    { key: 'kibPerConnection', title: 'KiB per connection', digits: 1 },
    { key: 'memoryMiB', title: 'memory MiB', digits: 0 },
    { key: 'cpuMicros', title: 'CPU µs per join', digits: 0 },
  ],
  compared: ['kibPerConnection'],

  run: async ({ start }) => {
    const server = await start();
    closeClients(await join(server, warmupCount, (index) => `warm-up-${index % warmupRooms}`));
    const before = await weigh(server);
    const cpuBefore = cpuSeconds(server.pid);
    const clients = await join(server, count, (index) => `idle-${index % rooms}`);
    await server.settled(1);
    const cpu = cpuSeconds(server.pid) - cpuBefore;
    const after = await weigh(server);
    closeClients(clients);
    return {
      kibPerConnection: (after - before) / count / 1024,
      memoryMiB: after / 2 ** 20,
      cpuMicros: (cpu * 1e6) / count,
    };
  },
};
