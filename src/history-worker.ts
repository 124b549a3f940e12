// Entry of a history worker. It gives way to the thread that relays keystrokes, before it loads what it answers with: that alone takes a few
// hundred ms of a processor, in which the first clients after a start would wait.

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryWorkerData } from './history-answers.js';

/** How much a worker gives way where cores are scarce, 1 to 19. */
const niceness = 10;

if (parentPort) {
  // On Linux this is the calling thread's priority alone; elsewhere it would be the whole process'.
  if (process.platform === 'linux') setPriority(0, niceness);
  const { answerHistory } = await import('./history-answers.js');
  answerHistory(parentPort, workerData as HistoryWorkerData);
}
