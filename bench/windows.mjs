// Latencies without and with some other load, in short windows that take turns, so that both see the same machine. What stands for each of the two is
// the median of its windows' p99: one pause of the machine, which on shared ones comes every few seconds, is then one window and not the figure.

import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from './statistics.mjs';

const windowMs = 2_000;
const restMs = 300;

const p99 = (latencies) => percentile(Float64Array.from(latencies).sort(), 0.99);
const every = (step, offset) => (_, index) => index % step === offset;

/**
 * Takes as many windows of each kind as fit into `seconds`. `load` is {start(), stop()}; `listen(latencies)` says where those that come in go, `null`
 * to nowhere. Answers the p99 in ms of each kind, their ratio, and `noise`: the same ratio where there is nothing to compare, of every other
 * window without load to those between them. `answers` is what each `stop()` resolved to, after
 * `loadedSeconds` of load in all.
 */
export const inWindows = async ({ seconds, load, listen }) => {
  const without = [];
  const loaded = [];
  const answers = [];
  const turns = 4 * Math.max(1, Math.round(seconds / (windowMs / 1000) / 2));
  for (let turn = 0; turn < turns; turn += 1) {
    // Each of the two comes first as often as second, so that a server which is still warming up favours neither.
    const isLoaded = turn % 4 === 1 || turn % 4 === 2;
    const window = [];
    if (isLoaded) load.start();
    listen(window);
    await sleep(windowMs);
    listen(null);
    if (isLoaded) answers.push(await load.stop());
    (isLoaded ? loaded : without).push(p99(window));
    await sleep(restMs);
  }
  const [first, second] = [0, 1].map((offset) => median(without.filter(every(2, offset))));
  const [withoutMs, withMs] = [median(without), median(loaded)];
  const noise = Math.max(first / second, second / first);
  return {
    withoutMs,
    withMs,
    ratio: withMs / withoutMs,
    noise,
    answers,
    loadedSeconds: (answers.length * windowMs) / 1000,
  };
};
