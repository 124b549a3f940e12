// One measured window: warm up, then what the server used while the load did a counted amount of work.

import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, machineCpuSeconds, residentBytes } from './process-cost.mjs';

/**
 * `work()` answers the units done so far. Answers CPU per unit in microseconds, units a second, how busy the server's core and the
 * load's core were (a load near 100% hides what the server could do), what anybody else used of the machine meanwhile, and the server's
 * memory at the end.
 */
export const measure = async ({ server, settings, latencies, work }) => {
  await sleep(settings.warmupSeconds * 1000);
  latencies.recording = true;
  const before = {
    cpu: cpuSeconds(server.pid),
    load: process.cpuUsage(),
    machine: machineCpuSeconds(),
    units: work(),
    at: performance.now(),
  };
  await sleep(settings.seconds * 1000);
  const seconds = (performance.now() - before.at) / 1000;
  const cpu = cpuSeconds(server.pid) - before.cpu;
  const load = process.cpuUsage(before.load);
  const loadSeconds = (load.user + load.system) / 1e6;
  const others = Math.max(0, machineCpuSeconds() - before.machine - cpu - loadSeconds);
  const units = work() - before.units;
  latencies.recording = false;
  return {
    cpuMicros: units > 0 ? (cpu * 1e6) / units : null,
    perSecond: units / seconds,
    ...latencies.summary(),
    serverBusy: (cpu / seconds) * 100,
    loadBusy: (loadSeconds / seconds) * 100,
    othersBusy: (others / seconds) * 100,
    memoryMiB: residentBytes(server.pid) / 2 ** 20,
  };
};

/** Waits until `condition()` holds, at most `ms`; answers whether it does. */
export const until = async (condition, ms) => {
  const deadline = performance.now() + ms;
  while (!condition() && performance.now() < deadline) await sleep(10);
  return condition();
};
