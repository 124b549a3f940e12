// What a process has used, from /proc (Linux). A process counts with its threads and its living descendants.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The process and all its living descendants, by their ids. */
export const familyOf = (pid) => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap(familyOf)];
};

/** User plus system time in seconds, of all threads, those that ended included. */
export const cpuSeconds = (pid) => {
  let ticks = 0;
  for (const member of familyOf(pid)) {
    const stat = readFileSync(`/proc/${member}/stat`, 'utf8');
    // The command's name may hold spaces; utime and stime are fields 14 and 15, counted from 1.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / ticksPerSecond;
};

/** Resident memory in bytes. */
export const residentBytes = (pid) => {
  let kib = 0;
  for (const member of familyOf(pid)) {
    kib += Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  }
  return kib * 1024;
};

/** How long this process's main thread could have run and waited for a core, in ms; 0 where /proc does not say. */
export const waitedForCoreMs = () => {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
};

/** CPU seconds that the whole machine has spent on anything since it started: user, nice, system, interrupts, and time stolen from it. */
export const machineCpuSeconds = () => {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/);
  return [user, nice, system, irq, softirq, steal].reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
};
