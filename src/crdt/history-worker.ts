// The inside of a history worker thread: takes questions from its port one after the other and answers them. Which log it reads is the
// business of the thread's entry file.

import type { MessagePort } from 'node:worker_threads';
import type { HistoryAnswers } from './history.js';
import { errorMessage, type FromHistoryWorker, type HistoryQuestion, type HistoryReply } from './history-messages.js';

/**
 * Serves until the port closes. The steps of `warmUp` run while there is no question: what is slow the first time is then behind the first
 * question rather than in front of it. After them the worker says that it is warm.
 */
export const serveHistory = (
  port: MessagePort,
  history: HistoryAnswers,
  warmUp: readonly (() => Promise<unknown>)[] = [],
): void => {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(work);
    return last;
  };
  port.on('message', (question: HistoryQuestion) => {
    void inTurn(async () => port.postMessage(await answer(history, question)));
  });
  void (async () => {
    // A failure here is nobody's: whoever asks the same will be told.
    for (const step of warmUp) await inTurn(() => step().catch(() => undefined));
    port.postMessage('warm' satisfies FromHistoryWorker);
  })();
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
