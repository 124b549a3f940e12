// *open*: a document of 260,000 events, typed in over the socket, then the server is restarted. Measured: from connecting until the
// first client holds the whole document; and for Contrail, any past state over REST.

import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { Client, closeClients } from '../client.mjs';
import { until } from '../measurement.mjs';
import { keepPrepared, takePrepared } from '../prepared.mjs';
import { cpuSeconds, residentBytes } from '../process-cost.mjs';
import { median } from '../statistics.mjs';
import { typedHistory } from '../trace.mjs';

export const room = 'open';
/** Updates sent before the writer asks for, and awaits, an answer to the last batch. */
const batch = 500;

let history = null;

export const typeIn = async (server, { updates, stateVector }, log) => {
  const writer = await Client.open(server.target, server.url, room);
  let answers = 0;
  let asked = 0;
  writer.onStep2 = () => {
    answers += 1;
  };
  for (let next = 0; next < updates.length; next += batch) {
    for (const update of updates.slice(next, next + batch)) writer.sendUpdate(update);
    writer.askSync(stateVector);
    asked += 1;
    if (!(await until(() => answers >= asked - 1 || writer.lost, 60_000)) || writer.lost) {
      throw new Error(`typing stopped after ${next} updates: ${writer.lost ?? 'no answer in 60 s'}`);
    }
    if ((next / batch) % 100 === 0) log(`${server.target.name}: ${next} of ${updates.length} typed in`);
  }
  await until(() => answers === asked || writer.lost, 120_000);
  closeClients([writer]);
};

/** Types the history in on a new server and ends it; what that took. */
const typeAll = async ({ target, dir, start, settings, log }) => {
  const server = await start();
  const started = { at: performance.now(), cpu: cpuSeconds(server.pid) };
  await typeIn(server, history, log);
  const typedSeconds = (performance.now() - started.at) / 1000;
  await server.settled(3);
  const cpu = cpuSeconds(server.pid) - started.cpu;
  // y-leveldb compacts while it is asked for the document; a debounce may still be pending: give both their time.
  await sleep(11_000);
  await server.settled(3);
  await server.stop();
  keepPrepared(settings, target, dir);
  return {
    typedPerSecond: history.updates.length / typedSeconds,
    cpuMicros: (cpu * 1e6) / history.updates.length,
  };
};

/** Milliseconds until everything `history.stateVector` names has arrived, and the text that makes. */
const firstOpen = async (server) => {
  const expected = Y.decodeStateVector(history.stateVector);
  const clocks = new Map();
  const parts = [];
  let completeMs = null;
  const started = performance.now();
  const take = (update) => {
    const arrived = performance.now();
    parts.push(update);
    for (const [clientId, clock] of Y.parseUpdateMeta(update).to) {
      clocks.set(clientId, Math.max(clock, clocks.get(clientId) ?? 0));
    }
    const complete = [...expected].every(([clientId, clock]) => (clocks.get(clientId) ?? 0) >= clock);
    if (complete) completeMs ??= arrived - started;
  };
  const client = new Client(server.target, server.url, room);
  client.onStep2 = take;
  client.onUpdate = take;
  await until(() => completeMs !== null || client.lost, 60_000);
  // What is still under way (deletions come with the same message or right after it).
  await sleep(200);
  closeClients([client]);
  const doc = new Y.Doc();
  for (const part of parts) Y.applyUpdate(doc, part);
  return { completeMs, correct: doc.getText('content').toString() === history.text };
};

/** A server of documents this long calls itself ready a moment after it listens. */
export const ready = async ({ target, place }) => {
  while (!(await fetch(target.ready(place))).ok) await sleep(5);
};

const pastStates = async (server) => {
  const { head, pastState } = server.target;
  if (!pastState) return {};
  await ready(server);
  const answer = await fetch(head({ ...server.place, room }));
  const offset = (await answer.json()).seq - history.updates.length;
  const times = [];
  let wrong = 0;
  for (const { event, text } of history.states) {
    const started = performance.now();
    const response = await fetch(pastState({ ...server.place, room, seq: event + offset }));
    const body = await response.text();
    times.push(performance.now() - started);
    if (!response.ok || body !== text) wrong += 1;
  }
  return { pastP50Ms: median(times), pastMaxMs: Math.max(...times), pastWrong: wrong };
};

export const open = {
  name: 'open',
  title: 'open: a real history typed in, restart, first open',
  measures: (target) => target.persists,
  columns: [
    { key: 'openMs', title: 'first open ms', digits: 0 },
    { key: 'reopenMs', title: 'after more restarts ms', digits: 0 },
    { key: 'pastP50Ms', title: 'past state p50 ms', digits: 0 },
    { key: 'pastMaxMs', title: 'past state worst ms', digits: 0, combine: 'max' },
    { key: 'startMs', title: 'server start ms', digits: 0 },
    { key: 'typedPerSecond', title: 'events/s typed in', digits: 0 },
    { key: 'cpuMicros', title: 'CPU µs per event', digits: 1 },
    { key: 'memoryMiB', title: 'memory MiB', digits: 0 },
    { key: 'faults', title: 'faults', digits: 0, combine: 'max' },
  ],
  compared: ['openMs', 'cpuMicros'],
  /** Typing it in takes minutes; once typed in, it is restarted and opened this often. */
  once: true,

  run: async ({ target, dir, start, settings, log }) => {
    history ??= typedHistory(settings.events, settings.seed);
    const typing = takePrepared(settings, target, dir) ? {} : await typeAll({ target, dir, start, settings, log });
    let server;
    const opens = [];
    let past = {};
    let memoryMiB = 0;
    for (let i = 0; i < settings.runs; i += 1) {
      server = await start();
      const startMs = server.startMs;
      opens.push({ startMs, ...(await firstOpen(server)) });
      memoryMiB = residentBytes(server.pid) / 2 ** 20;
      if (i === settings.runs - 1) past = await pastStates(server);
      await server.stop();
    }
    return {
      openMs: opens[0].completeMs,
      reopenMs: median(opens.slice(1).map(({ completeMs }) => completeMs)),
      startMs: median(opens.map(({ startMs }) => startMs)),
      ...past,
      ...typing,
      memoryMiB,
      faults: opens.filter(({ correct }) => !correct).length + (past.pastWrong ?? 0),
    };
  },
};
