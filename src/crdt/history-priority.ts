// How a history process gives way to those who type. As idle work (SCHED_IDLE) where the system has it: whoever wakes up takes the core from it at once, and a
// core that runs nothing else counts as free. Where every core is busy all the time idle work gets nothing, and neither does the lowest niceness: there it
// needs a fair share.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Nicenesses, from 0, everybody's, to 19. */
export const lowest = 19;
/** A third of what those at 0 get. */
export const fair = 5;
const idleCommand = ['chrt', '-i', '0'] as const;

let idle: readonly string[] | null = null;

/** What to put in front of a command so that it runs as idle work; empty where there is no such thing, or no telling whether it gets anything. */
export const asIdleWork = (): readonly string[] => {
  idle ??= ranMs(process.pid) !== null && spawnSync('chrt', ['-i', '0', 'true']).status === 0 ? idleCommand : [];
  return idle;
};

/** Gives the process that niceness, and all threads it has. */
export const giveWay = (pid: number, niceness: number): void => {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, niceness);
    } catch {
      // It has ended already.
    }
  }
};

/** For how long the process's main thread has had a core, in ms; `null` where the system does not say. */
export const ranMs = (pid: number): number | null => {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
};

const threadsOf = (pid: number): readonly number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
};
