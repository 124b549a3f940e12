// The inside of a history worker's process: takes questions from its channel one after the other and answers them. Which log it reads is the
// business of the process's entry file.

import { setTimeout } from 'node:timers/promises';
import type { HistoryAnswers } from './history.js';
import { errorMessage, type FromHistoryWorker, type HistoryQuestion, type HistoryReply } from './history-messages.js';

/** What the server gave to this worker, as `workerData`; `null` in a process that is no worker. */
export const historyWorkerData = (): unknown => (process.send ? JSON.parse(process.argv[2] ?? 'null') : null);

/**
 * Serves until the server is gone. The steps of `warmUp` run while there is no question: what is slow the first time is then behind the first
 * question rather than in front of it. After them the worker says that it is warm.
 */
export const serveHistory = (history: HistoryAnswers, warmUp: readonly (() => Promise<unknown>)[] = []): void => {
  process.once('disconnect', () => process.exit());
  // A terminal's Ctrl-C and a supervisor's SIGTERM reach every process; the server answers what is under way before it ends its workers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const send = (message: FromHistoryWorker): void => {
    // The server is gone where it fails, and this process soon.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(work);
    return last;
  };
  process.on('message', (question) => {
    void inTurn(async () => {
      send(await answer(history, question as HistoryQuestion));
      collectYoung();
    });
  });
  void (async () => {
    // A question that waits already goes first.
    if (warmUp.length > 0) await setTimeout(0);
    // A failure here is nobody's: whoever asks the same will be told.
    for (const step of warmUp) {
      await inTurn(() => step().catch(() => undefined));
      collectYoung();
    }
    send('warm');
  })();
};

/** A millisecond now that the question's document is dropped; in the middle of the next question it would be twenty. */
const collectYoung = (): void => {
  globalThis.gc?.({ type: 'minor' });
};

const answer = async (history: HistoryAnswers, question: HistoryQuestion): Promise<HistoryReply> => {
  const { id, method, documentId, request } = question;
  try {
    const ask = history[method] as (documentId: unknown, request: unknown) => Promise<unknown>;
    return { id, ok: true, answer: await ask.call(history, documentId, request) };
  } catch (error) {
    return { id, ok: false, error: errorMessage(error) };
  }
};
