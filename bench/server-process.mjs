// Starts a target's server on the server's core, waits until it listens, and ends it by its pid.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './process-cost.mjs';

const host = '127.0.0.1';
const serverCore = '0';
const loadCore = '1';
const bothCores = `${serverCore},${loadCore}`;
const hasTaskset = spawnSync('taskset', ['--version']).status === 0;
export const pinned = hasTaskset && availableParallelism() > 1;

const running = new Set();
const endAll = () => {
  for (const child of running) child.kill('SIGKILL');
};
process.on('exit', endAll);

/** Puts this process and all its threads, the load, on its own core. Call once, before any server starts. */
export const pinLoad = () => {
  if (pinned) spawnSync('taskset', ['-acp', loadCore, String(process.pid)]);
  return pinned;
};

/** Lets the scheduler place this process and the process `other` on both cores, from now on. */
export const shareCores = (other) => {
  if (!pinned) return;
  for (const one of [process.pid, other]) spawnSync('taskset', ['-acp', bothCores, String(one)]);
};

const freePort = async () => {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
};

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/**
 * Starts `target` with its data in `dir`, on the server's core or, if `free`, on both. Answers the running server:
 * {target, pid, url, place, startMs, stop(), kill(), settled(seconds)}.
 */
export const startServer = async (target, dir, { free = false } = {}) => {
  const place = { host, port: await freePort(), dir };
  const args = target.command(place);
  const [file, ...rest] = pinned
    ? ['taskset', '-c', free ? bothCores : serverCore, process.execPath, ...args]
    : [process.execPath, ...args];
  const started = performance.now();
  const child = spawn(file, rest, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...target.env(place) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = (complaint + text).slice(-2000);
  });
  const gone = once(child, 'exit').then(() => running.delete(child));
  while (!(await listens(place.port))) {
    if (child.exitCode !== null) throw new Error(`${target.name} did not start:\n${complaint}`);
    if (performance.now() - started > 60_000) throw new Error(`${target.name} does not listen after 60 s`);
    await sleep(5);
  }

  const end = async (signal) => {
    child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(patience);
  };
  return {
    target,
    pid: child.pid,
    url: `ws://${host}:${place.port}`,
    place,
    startMs: performance.now() - started,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    /** Waits until the server was nearly idle for `seconds` in a row: written, stored, collected. At most 5 minutes. */
    settled: async (seconds) => {
      const deadline = performance.now() + 300_000;
      for (let quiet = 0; quiet < seconds && performance.now() < deadline; ) {
        const before = cpuSeconds(child.pid);
        await sleep(1000);
        quiet = cpuSeconds(child.pid) - before <= 0.03 ? quiet + 1 : 0;
      }
    },
  };
};
