// The command line.

import { parseArgs } from 'node:util';

export const usage = `node bench/run.mjs [options]
  --scenario a,b    pairs, fan-out, cursors, dashboards, idle, open, history, kill, kill-busy, broadcast (default: all)
  --target a,b      ours, relay, yws, yws-leveldb, hocuspocus (default: all)
  --seconds N       length of a measured window (10)
  --warmup N        seconds of load before it (2)
  --runs N          repetitions, interleaved over the targets (3)
  --events N        events of the history in *open* (260000)
  --prepared DIR    keep the database of that history in DIR, and begin with it where it is there already
  --seed N          of everything random (1)
  --write           also write bench/RESULTS.md`;

const named = (text, all, what) => {
  if (text === undefined) return all;
  return text.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (!found) throw new Error(`no ${what} "${name}": there are ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
};

const positive = (text, name, fallback) => {
  const value = text === undefined ? fallback : Number(text);
  if (!(Number.isFinite(value) && value >= 0)) throw new Error(`--${name} ${text}: not a number`);
  return value;
};

/** Throws with a sentence for whoever typed it. */
export const readSettings = (args, scenarios, targets) => {
  const option = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: {
      scenario: option,
      target: option,
      seconds: option,
      warmup: option,
      runs: option,
      events: option,
      prepared: option,
      seed: option,
      write: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  return {
    scenarios: named(values.scenario, scenarios, 'scenario'),
    targets: named(values.target, targets, 'target'),
    seconds: positive(values.seconds, 'seconds', 10),
    warmupSeconds: positive(values.warmup, 'warmup', 2),
    runs: positive(values.runs, 'runs', 3),
    events: positive(values.events, 'events', 260_000),
    prepared: values.prepared ?? null,
    seed: positive(values.seed, 'seed', 1),
    write: values.write === true,
    help: values.help === true,
  };
};
