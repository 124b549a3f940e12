// What the system says about processes and their children.

import { readFileSync } from 'node:fs';

/** Those started by the main thread of `pid`. */
export const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** Its niceness, and whether it is idle work (SCHED_IDLE). */
export const priorityOf = (pid: number): { readonly nice: number; readonly idle: boolean } => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { nice: Number(fields[16]), idle: fields[38] === '5' };
};
