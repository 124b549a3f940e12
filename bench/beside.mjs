// Work in a process of its own and at the lowest priority, beside the load: what it costs there delays none of the keystrokes that the load
// measures. On Linux as idle work, which gives its core away at once; behind a low niceness alone a keystroke waits for the next tick.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';

const lowest = 19;

/** Starts the module `file` with `args` as such a process. It works between `start()` and `stop()`, which answers what came of it. */
export const beside = (file, args) => {
  const child = fork(file, args);
  setPriority(child.pid, lowest);
  spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(child.pid)]);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with exit code ${code}`);
  });
  // Whoever waits for an answer hears of it.
  failed.catch(() => {});
  return {
    pid: child.pid,
    start: () => child.send('start'),
    stop: async () => {
      child.send('stop');
      const [answer] = await Promise.race([once(child, 'message'), failed]);
      return answer;
    },
    end,
  };
};

/** In that process: `work(isWanted)` runs from each start on until it is no longer wanted, and resolves to the answer. */
export const workBeside = (work) => {
  let wanted = false;
  let done = Promise.resolve(null);
  process.on('disconnect', () => process.exit());
  process.on('message', async (message) => {
    wanted = message === 'start';
    if (wanted) done = work(() => wanted);
    else process.send(await done);
  });
};
