// A first sync too large to be judged by counting is applied to a copy of the document in a worker first, with limits of time and memory:
// what would stall or kill the server stalls and kills the worker.

import { parentPort, Worker, workerData } from 'node:worker_threads';
import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';

export interface TriedUpdate {
  readonly update: Uint8Array;
  readonly structs: number;
}

/** Resolves when the update can be applied to a document of this state; rejects with `invalid-update` or `overloaded`. */
export type Trial = (state: Uint8Array, tried: TriedUpdate) => Promise<void>;

export interface TrialOptions {
  /** Entry of the worker; it calls `runTrial`. */
  readonly workerUrl: URL;
  readonly maxHeapMiB: number;
  readonly maxWaiting: number;
}

/** For the worker to start and to load the document as it is. */
const loadingMs = 30_000;
/**
 * For the update: what it takes here it takes again where everybody waits, so the limit grows with what it brings. Typed text takes 1 µs a
 * struct; what is built to be slow, 64,000 values of one map key, takes 150 µs.
 */
const leastMs = 300;
const mostMs = 3_000;
const msPerStruct = 0.01;

/** One worker at a time, one worker per trial: a trial is rare, and a worker that misbehaved is not to be trusted with the next. */
export const createTrial = ({ workerUrl, maxHeapMiB, maxWaiting }: TrialOptions): Trial => {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const run = (state: Uint8Array, { update, structs }: TriedUpdate): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(workerUrl, {
        workerData: { state, update },
        resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
      });
      const fail = (detail: string) =>
        reject(new ContrailError('invalid-update', detail, { extra: { rule: 'trial' } }));
      const limit = (ms: number) =>
        setTimeout(() => {
          fail(`the sync takes longer than ${ms} ms to apply`);
          void worker.terminate();
        }, ms);
      let timer = limit(loadingMs);
      worker.on('message', (news: TrialNews) => {
        clearTimeout(timer);
        if (news === 'loaded') timer = limit(Math.min(mostMs, Math.ceil(leastMs + structs * msPerStruct)));
        else if (news === 'sound') resolve();
        else fail('the sync leaves the document damaged');
      });
      worker.once('error', () => fail('the sync cannot be applied within its limits'));
      worker.once('exit', () => {
        clearTimeout(timer);
        fail('the sync cannot be applied');
      });
    });
  return (state, tried) => {
    if (waiting >= maxWaiting)
      return Promise.reject(new ContrailError('overloaded', 'too many large documents are being checked'));
    waiting += 1;
    const mine = last.then(() => run(state, tried));
    last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine.finally(() => {
      waiting -= 1;
    });
  };
};

type TrialNews = 'loaded' | 'sound' | 'damaged';

/** The worker's side. */
export const runTrial = (): void => {
  const tell = (news: TrialNews): void => parentPort?.postMessage(news);
  const { state, update } = workerData as { state: Uint8Array; update: Uint8Array };
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  tell('loaded');
  Y.applyUpdate(doc, update);
  Y.encodeStateAsUpdate(doc);
  tell(doc.store.pendingStructs === null && doc.store.pendingDs === null ? 'sound' : 'damaged');
};
