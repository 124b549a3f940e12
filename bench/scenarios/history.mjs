// *history*: the document of *open*, asked about its past over REST: any state, the difference of the last 1,000 events, undo. And what
// that costs those who type in other documents meanwhile: their keystrokes' latency with and without such queries, in turns.

import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beside } from '../beside.mjs';
import { closeClients, openClients } from '../client.mjs';
import { keepPrepared, takePrepared } from '../prepared.mjs';
import { questions } from '../questions.mjs';
import { shareCores } from '../server-process.mjs';
import { median } from '../statistics.mjs';
import { typedHistory } from '../trace.mjs';
import { startTyping } from '../typing.mjs';
import { inWindows } from '../windows.mjs';
import { ready, room, typeIn } from './open.mjs';

const Database = createRequire(new URL('../../package.json', import.meta.url))('better-sqlite3');

const askerFile = fileURLToPath(new URL('../asker.mjs', import.meta.url));
const repeats = 20;
/** Steps to undo, with pauses between them longer than those within a step. */
const steps = 10;
const stepMs = 600;
const rooms = 20;
const keystrokeMs = 25;
/** Until V8 has compiled what questions need, as in a server that has run for long: some 2,000 of them. */
const warmingMs = 40_000;

const worst = (values) => Math.max(...values);

/** Each kind of question on its own, one after the other, the first ones on a server that has just started. */
const askAll = async ({ past, diff, undo, redo }, states, offset) => {
  const times = { past: [], diff: [], undo: [] };
  // The first undo finds nothing prepared: no document in memory, no replica.
  times.undo.push((await undo()).ms);
  let wrong = 0;
  for (const { event, text } of states) {
    const { ms, text: read } = await past(event + offset);
    times.past.push(ms);
    if (read() !== text) wrong += 1;
  }
  for (let i = 0; i < repeats; i += 1) times.diff.push((await diff()).ms);
  for (let i = 1; i < steps; i += 1) times.undo.push((await undo()).ms);
  for (let i = 0; i < steps; i += 1) times.undo.push((await redo()).ms);
  return {
    pastP50Ms: median(times.past),
    pastMaxMs: worst(times.past),
    diffP50Ms: median(times.diff),
    diffMaxMs: worst(times.diff),
    undoP50Ms: median(times.undo),
    undoMaxMs: worst(times.undo),
    faults: wrong,
  };
};

/** The p99 of keystrokes in other rooms, in turns without and with questions running without a pause. */
const relay = async (server, asker, { name, settings }) => {
  const clients = await openClients(server, rooms * 2, (index) => `${name}-${index >> 1}`);
  let into = null;
  const stopTyping = startTyping(clients, {
    seed: settings.seed,
    pauseMs: keystrokeMs,
    onLatency: (ms) => into?.push(ms),
  });
  await sleep(settings.warmupSeconds * 1000);
  asker.start();
  await sleep(warmingMs);
  await asker.stop();
  const windows = await inWindows({
    seconds: settings.runs * settings.seconds,
    load: asker,
    listen: (latencies) => {
      into = latencies;
    },
  });
  const missing = await stopTyping();
  closeClients(clients);
  if (missing > 0) throw new Error(`${missing} keystrokes did not arrive`);
  const asked = windows.answers.reduce((sum, count) => sum + count, 0);
  return { ...windows, perSecond: asked / windows.loadedSeconds };
};

/** Sizes after the server has ended, in relation to the bytes of the updates themselves. */
const sizes = (dir, updates) => {
  const file = join(dir, 'contrail.db');
  const db = new Database(file, { readonly: true });
  const bytes = updates.reduce((sum, { length }) => sum + length, 0);
  const sum = (sql) => db.prepare(sql).pluck().get(`doc/${room}`) ?? 0;
  const payloads = sum('SELECT sum(length(payload)) FROM event WHERE stream = ?');
  const checkpoints = sum('SELECT sum(length(state)) FROM checkpoint WHERE stream = ?');
  db.close();
  return {
    updateMiB: bytes / 2 ** 20,
    logRatio: payloads / bytes,
    checkpointRatio: checkpoints / bytes,
    contentRatio: (payloads + checkpoints) / bytes,
    fileRatio: statSync(file).size / bytes,
  };
};

export const history = {
  name: 'history',
  title: `history: questions about the past of that document, and ${rooms} pairs who type elsewhere`,
  measures: (target) => target.pastState !== undefined,
  columns: [
    { key: 'pastP50Ms', title: 'past state p50 ms', digits: 0 },
    { key: 'pastMaxMs', title: 'worst ms', digits: 0 },
    { key: 'diffP50Ms', title: 'diff of 1,000 p50 ms', digits: 0 },
    { key: 'diffMaxMs', title: 'worst ms', digits: 0 },
    { key: 'undoP50Ms', title: 'undo p50 ms', digits: 0 },
    { key: 'undoMaxMs', title: 'worst ms', digits: 0 },
    { key: 'quietP99Ms', title: 'keystroke p99 ms', digits: 2 },
    { key: 'askedP99Ms', title: 'p99 while asked ms', digits: 2 },
    { key: 'p99Ratio', title: 'ratio', digits: 2 },
    { key: 'noise', title: 'without : without', digits: 2 },
    { key: 'askedPerSecond', title: 'questions/s', digits: 0 },
    { key: 'oneCoreQuietP99Ms', title: 'on one core: p99 ms', digits: 2 },
    { key: 'oneCoreAskedP99Ms', title: 'while asked ms', digits: 2 },
    { key: 'oneCoreP99Ratio', title: 'ratio', digits: 2 },
    { key: 'oneCoreNoise', title: 'without : without', digits: 2 },
    { key: 'updateMiB', title: 'updates MiB', digits: 1 },
    { key: 'contentRatio', title: 'log + checkpoints : updates', digits: 2 },
    { key: 'checkpointRatio', title: 'checkpoints : updates', digits: 2 },
    { key: 'fileRatio', title: 'file : updates', digits: 2 },
    { key: 'faults', title: 'faults', digits: 0, combine: 'max' },
  ],
  compared: [],
  once: true,

  run: async ({ target, dir, start, settings, log }) => {
    const typed = typedHistory(settings.events, settings.seed);
    let server;
    if (!takePrepared(settings, target, dir)) {
      server = await start();
      await typeIn(server, typed, log);
      await server.stop();
      keepPrepared(settings, target, dir);
    }
    const size = sizes(dir, typed.updates);
    log(JSON.stringify(size));
    server = await start();
    const baseOf = ({ place }) => target.document({ ...place, room });
    let ask = questions(baseOf(server));
    const offset = (await ask.head()) - settings.events;
    for (let i = 0; i < steps; i += 1) {
      await ask.edit(i * 100);
      await sleep(stepMs);
    }
    await server.stop();
    server = await start();
    await ready(server);
    ask = questions(baseOf(server));
    const answers = await askAll(ask, typed.states, offset);
    log(JSON.stringify(answers));
    const relayOf = async (running, name) => {
      const seqs = JSON.stringify(typed.states.map(({ event }) => event));
      const asker = beside(askerFile, [baseOf(running), seqs]);
      if (running !== server) shareCores(asker.pid);
      try {
        return await relay(running, asker, { name, settings });
      } finally {
        asker.end();
      }
    };
    // With the server on one core and the load on the other, then with all of it on both.
    const apart = await relayOf(server, 'apart');
    await server.stop();
    const free = await start({ free: true });
    await ready(free);
    const together = await relayOf(free, 'together');
    return {
      ...size,
      ...answers,
      quietP99Ms: together.withoutMs,
      askedP99Ms: together.withMs,
      p99Ratio: together.ratio,
      noise: together.noise,
      askedPerSecond: together.perSecond,
      oneCoreQuietP99Ms: apart.withoutMs,
      oneCoreAskedP99Ms: apart.withMs,
      oneCoreP99Ratio: apart.ratio,
      oneCoreNoise: apart.noise,
    };
  },
};
