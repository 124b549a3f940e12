// The inside of a history worker thread: takes questions from its port one after the other and answers them. Which log it reads is the
// business of the thread's entry file.

import type { MessagePort } from 'node:worker_threads';
import type { History } from './history.js';
import { errorMessage, type HistoryQuestion, type HistoryReply } from './history-messages.js';

/** Serves until the port closes. The pool sends the next question only after the last one's answer. */
export const serveHistory = (port: MessagePort, history: History): void => {
  port.on('message', (question: HistoryQuestion) => {
    answer(history, question).then((reply) => port.postMessage(reply));
  });
};

const answer = async (history: History, question: HistoryQuestion): Promise<HistoryReply> => {
  const { id, method, documentId, request } = question;
  try {
    const ask = history[method] as (documentId: unknown, request: unknown) => Promise<unknown>;
    return { id, ok: true, answer: await ask.call(history, documentId, request) };
  } catch (error) {
    return { id, ok: false, error: errorMessage(error) };
  }
};
