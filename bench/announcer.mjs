// A process beside the load that sends broadcasts to everybody at a steady pace: the notifications' URL, the ms from one to the next, and how many
// people there are at least are the arguments; the answer is what each took to return, in ms, less what this process waited for a core meanwhile: as idle
// work it waits for everybody, and a sender of a priority of its own would not.

import { setTimeout as sleep } from 'node:timers/promises';
import { workBeside } from './beside.mjs';
import { notify } from './notify.mjs';
import { waitedForCoreMs } from './process-cost.mjs';

const [, , base, everyMs, known] = process.argv;

workBeside(async (isWanted) => {
  const returns = [];
  while (isWanted()) {
    const waited = waitedForCoreMs();
    const { ms, total } = await notify(base, 'broadcast', { audience: 'all' });
    if (total < Number(known)) throw new Error(`a broadcast to ${total} people`);
    returns.push(ms - (waitedForCoreMs() - waited));
    await sleep(Math.max(0, Number(everyMs) - ms));
  }
  return returns;
});
