// One history worker and the queries for it, one at a time in the order of their coming. The worker is started by the first query if not before,
// and anew after a failure or where it gets no core. Which query goes to which lane is decided in history-pool.ts.

import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { HistoryMethod } from './history.js';
import { type HistoryQuestion, type HistoryReply, messageError } from './history-messages.js';
import { HistoryProcess, type HistoryProcessOptions } from './history-process.js';

export interface HistoryLaneOptions extends Omit<HistoryProcessOptions, 'idle'> {
  /** How long one query may run. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export interface Query {
  readonly method: HistoryMethod;
  readonly documentId: DocumentId;
  readonly request: HistoryQuestion['request'];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ContrailError) => void;
}

/** A worker that takes only what nobody else wants, is asked something, and has a core for less than a third of so long gets too little. */
const starvingMs = 300;
const unwatchedMs = 100;
const leastShare = 1 / 3;
/** So long workers have a share after that. */
const busyMs = 10 * 60_000;

export class HistoryLane {
  readonly #options: HistoryLaneOptions;
  /** Called when the worker has become warm, or has failed. */
  readonly #settled: () => void;
  readonly #queue: Query[] = [];
  #running: { readonly id: number; readonly query: Query; readonly cancelTimers: () => void } | null = null;
  #worker: HistoryProcess | null = null;
  #warm = false;
  #lastId = 0;
  /** Until then workers have a share, Unix ms. */
  #busyUntil = 0;

  constructor(options: HistoryLaneOptions, settled: () => void) {
    this.#options = options;
    this.#settled = settled;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get load(): number {
    return this.#queue.length + (this.#running === null ? 0 : 1);
  }

  get started(): boolean {
    return this.#worker !== null;
  }

  /** Whether its worker runs and has what is slow the first time behind it. */
  get warm(): boolean {
    return this.#warm;
  }

  /** Whether a query about the document waits or runs here. */
  has(documentId: DocumentId): boolean {
    const isAbout = (query: Query | undefined) => query?.documentId === documentId;
    return isAbout(this.#running?.query) || this.#queue.some(isAbout);
  }

  add(query: Query): void {
    this.#queue.push(query);
    this.#next();
  }

  start(): void {
    if (this.#worker === null) this.#start();
  }

  async close(): Promise<void> {
    const closing = new ContrailError('restarting', 'History queries have ended.');
    for (const query of this.#queue.splice(0)) query.reject(closing);
    this.#running?.query.reject(closing);
    await this.#dropWorker();
  }

  #next(): void {
    if (this.#running !== null) return;
    const query = this.#queue.shift();
    if (query === undefined) return;
    this.#lastId += 1;
    const id = this.#lastId;
    const { timeoutMs, clock } = this.#options;
    const worker = this.#worker ?? this.#start();
    const cancelTimeout = clock.after(timeoutMs, () =>
      this.#fail(new ContrailError('query-too-large', `The query took longer than ${timeoutMs} ms.`)),
    );
    const cancelWatch = worker.idle ? this.#watch(worker) : null;
    const cancelTimers = () => {
      cancelTimeout();
      cancelWatch?.();
    };
    this.#running = { id, query, cancelTimers };
    const { method, documentId, request } = query;
    worker.ref();
    worker.send({ id, method, documentId, request });
  }

  #start(): HistoryProcess {
    const idle = this.#options.clock.now() >= this.#busyUntil;
    const worker = new HistoryProcess(
      { ...this.#options, idle },
      {
        message: (message) => {
          if (message === 'warm') this.#becomeWarm();
          else this.#settle(message);
        },
        ended: (error) => this.#fail(error),
      },
    );
    this.#worker = worker;
    return worker;
  }

  #becomeWarm(): void {
    this.#warm = true;
    this.#settled();
  }

  #settle(reply: HistoryReply): void {
    const running = this.#running;
    if (running === null || running.id !== reply.id) return;
    running.cancelTimers();
    this.#running = null;
    this.#worker?.unref();
    if (reply.ok) running.query.resolve(reply.answer);
    else running.query.reject(messageError(reply.error));
    if (this.#queue.length === 0 && this.#isBusyNoMore) this.#idleAgain();
    this.#next();
  }

  /** Whether it is time to see whether idle work gets on again. */
  get #isBusyNoMore(): boolean {
    return this.#worker?.idle === false && this.#options.clock.now() >= this.#busyUntil;
  }

  #idleAgain(): void {
    void this.#dropWorker();
    this.#start();
    this.#settled();
  }

  /** Looks again and again whether the query gets on; answers how to stop that. Most queries have ended before the first look. */
  #watch(worker: HistoryProcess): () => void {
    const { clock } = this.#options;
    let before: number | null = null;
    const look = () => {
      const now = worker.ranMs;
      if (before !== null && now !== null && now - before < starvingMs * leastShare) return this.#hurry();
      before = now;
      cancel = clock.after(starvingMs, look);
    };
    let cancel = clock.after(unwatchedMs, look);
    return () => cancel();
  }

  /** All cores are busy. The query begins again in a worker that gets its share. */
  #hurry(): void {
    this.#busyUntil = this.#options.clock.now() + busyMs;
    const { query } = this.#running ?? {};
    if (query !== undefined) this.#queue.unshift(query);
    void this.#dropWorker();
    this.#settled();
    this.#next();
  }

  /** Ends the worker with the query it runs; the next query gets a new one. */
  #fail(error: ContrailError): void {
    this.#running?.query.reject(error);
    void this.#dropWorker();
    this.#settled();
    this.#next();
  }

  async #dropWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#warm = false;
    this.#running?.cancelTimers();
    this.#running = null;
    await worker?.end();
  }
}
