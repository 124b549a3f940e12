// Runs scenarios against servers, one after the other, and prints what came out: progress on stderr, markdown on stdout, everything
// in bench/results/. This process is the load; each server is a process of its own on another core.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { combine, report } from './report.mjs';
import { broadcast } from './scenarios/broadcast.mjs';
import { cursors } from './scenarios/cursors.mjs';
import { dashboards } from './scenarios/dashboards.mjs';
import { fanOut } from './scenarios/fan-out.mjs';
import { history } from './scenarios/history.mjs';
import { idle } from './scenarios/idle.mjs';
import { kill, killBusy } from './scenarios/kill.mjs';
import { open } from './scenarios/open.mjs';
import { pairs } from './scenarios/pairs.mjs';
import { pinLoad, startServer } from './server-process.mjs';
import { readSettings, usage } from './settings.mjs';
import { targets } from './targets/table.mjs';

const scenarios = [pairs, fanOut, cursors, dashboards, idle, open, history, kill, killBusy, broadcast];
const here = fileURLToPath(new URL('.', import.meta.url));
const log = (text) => process.stderr.write(`${text}\n`);

/** One scenario against one target; its servers are ended and its data removed whatever happens. */
const runOnce = async ({ scenario, target, settings, run }) => {
  const dir = mkdtempSync(join(tmpdir(), 'contrail-bench-'));
  const servers = [];
  const start = async (options) => {
    const server = await startServer(target, dir, options);
    servers.push(server);
    return server;
  };
  try {
    return await scenario.run({ target, dir, start, settings, run, log });
  } finally {
    for (const server of servers) await server.kill();
    rmSync(dir, { recursive: true, force: true });
  }
};

const main = async () => {
  const settings = readSettings(process.argv.slice(2), scenarios, targets);
  if (settings.help) return log(usage);
  const pinned = pinLoad();
  if (!pinned) log('no second core or no taskset: server and load share what there is');
  const runs = [];
  for (const scenario of settings.scenarios) {
    const measured = settings.targets.filter((target) => scenario.measures(target));
    for (let run = 0; run < (scenario.once ? 1 : settings.runs); run += 1) {
      // Another one begins in every round, so that no target always runs on a machine just heated or just rested.
      const order = measured.map((_, index) => measured[(index + run) % measured.length]);
      for (const target of order) {
        log(`${scenario.name} ${run + 1}: ${target.title}`);
        const figures = await runOnce({ scenario, target, settings, run }).catch((error) => {
          log(`  failed: ${error.stack}`);
          process.exitCode = 1;
          return null;
        });
        if (figures)
          log(
            `  ${JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}`,
          );
        runs.push({ scenario: scenario.name, target: target.name, run, figures });
      }
    }
  }

  const at = new Date().toISOString();
  const titles = new Map(settings.targets.map((target) => [target.name, target.title]));
  const figures = combine(runs, settings.scenarios);
  const about = [
    `${at.slice(0, 10)}, Node ${process.version}, Linux ${release()}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores; ${pinned ? 'server pinned to core 0, load to core 1' : 'not pinned'}`,
    `${settings.runs} runs of ${settings.seconds} s after ${settings.warmupSeconds} s of warm-up, interleaved; seed ${settings.seed}; _open_: ${settings.events.toLocaleString('en-US')} events`,
    'How it is measured, and what is fair and what is not about it: [README.md](README.md)',
  ];
  const text = report({ figures, scenarios: settings.scenarios, titles, about });
  mkdirSync(join(here, 'results'), { recursive: true });
  const { scenarios: _, targets: __, ...plain } = settings;
  writeFileSync(
    join(here, 'results', `${at.replaceAll(':', '-')}.json`),
    `${JSON.stringify({ at, about, settings: plain, figures, runs }, null, 2)}\n`,
  );
  if (settings.write) writeFileSync(join(here, 'RESULTS.md'), text);
  process.stdout.write(text);
};

/**
 * The load's V8 gets one helper thread instead of four. When they mark what the load has recorded, four of them take both cores, and whoever wakes up
 * there, this process or the server, waits for the next tick: 130 ms long in one case, 4 to 8 ms at a time.
 */
const oneHelper = '--v8-pool-size=1';
if (!process.execArgv.includes(oneHelper)) {
  const { status } = spawnSync(process.execPath, [oneHelper, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 130);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
await main().catch((error) => {
  log(error.message);
  process.exitCode = 1;
});
