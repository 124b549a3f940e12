// A first sync too large to be judged by counting is applied to a copy of the document in a worker first, with limits of time and memory:
// what would stall or kill the server stalls and kills the worker.

import { parentPort, Worker, workerData } from 'node:worker_threads';
import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';

/** Resolves when the update can be applied to a document of this state; rejects with `invalid-update` or `overloaded`. */
export type Trial = (state: Uint8Array, update: Uint8Array) => Promise<void>;

export interface TrialOptions {
  /** Entry of the worker; it calls `runTrial`. */
  readonly workerUrl: URL;
  readonly maxMs: number;
  readonly maxHeapMiB: number;
  readonly maxWaiting: number;
}

/** One worker at a time, one worker per trial: a trial is rare, and a worker that misbehaved is not to be trusted with the next. */
export const createTrial = ({ workerUrl, maxMs, maxHeapMiB, maxWaiting }: TrialOptions): Trial => {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const run = (state: Uint8Array, update: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(workerUrl, {
        workerData: { state, update },
        resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
      });
      const fail = (detail: string) => reject(new ContrailError('invalid-update', detail));
      const timer = setTimeout(() => {
        fail(`the sync takes longer than ${maxMs} ms to apply`);
        void worker.terminate();
      }, maxMs);
      worker.once('message', (sound: boolean) => (sound ? resolve() : fail('the sync leaves the document damaged')));
      worker.once('error', () => fail('the sync cannot be applied within its limits'));
      worker.once('exit', () => {
        clearTimeout(timer);
        fail('the sync cannot be applied');
      });
    });
  return (state, update) => {
    if (waiting >= maxWaiting)
      return Promise.reject(new ContrailError('overloaded', 'too many large documents are being checked'));
    waiting += 1;
    const mine = last.then(() => run(state, update));
    last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine.finally(() => {
      waiting -= 1;
    });
  };
};

/** The worker's side. */
export const runTrial = (): void => {
  const { state, update } = workerData as { state: Uint8Array; update: Uint8Array };
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  Y.applyUpdate(doc, update);
  Y.encodeStateAsUpdate(doc);
  parentPort?.postMessage(doc.store.pendingStructs === null && doc.store.pendingDs === null);
};
