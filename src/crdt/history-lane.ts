// One history worker and the queries for it, one at a time in the order of their coming. The worker is started by the first query if not before,
// and anew after a failure. Which query goes to which lane is decided in history-pool.ts.

import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { HistoryMethod } from './history.js';
import { type HistoryQuestion, type HistoryReply, messageError } from './history-messages.js';
import { HistoryProcess, type HistoryProcessOptions } from './history-process.js';

export interface HistoryLaneOptions extends HistoryProcessOptions {
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

export class HistoryLane {
  readonly #options: HistoryLaneOptions;
  /** Called when the worker has become warm, or has failed. */
  readonly #settled: () => void;
  readonly #queue: Query[] = [];
  #running: { readonly id: number; readonly query: Query; readonly cancelTimer: () => void } | null = null;
  #worker: HistoryProcess | null = null;
  #warm = false;
  #lastId = 0;

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
    await this.#dropWorker(closing);
  }

  #next(): void {
    if (this.#running !== null) return;
    const query = this.#queue.shift();
    if (query === undefined) return;
    this.#lastId += 1;
    const id = this.#lastId;
    const { timeoutMs, clock } = this.#options;
    const cancelTimer = clock.after(timeoutMs, () =>
      this.#fail(new ContrailError('query-too-large', `The query took longer than ${timeoutMs} ms.`)),
    );
    this.#running = { id, query, cancelTimer };
    const { method, documentId, request } = query;
    const worker = this.#worker ?? this.#start();
    worker.ref();
    worker.send({ id, method, documentId, request });
  }

  #start(): HistoryProcess {
    const worker = new HistoryProcess(this.#options, {
      message: (message) => {
        if (message === 'warm') this.#becomeWarm();
        else this.#settle(message);
      },
      ended: (error) => this.#fail(error),
    });
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
    running.cancelTimer();
    this.#running = null;
    this.#worker?.unref();
    if (reply.ok) running.query.resolve(reply.answer);
    else running.query.reject(messageError(reply.error));
    this.#next();
  }

  /** Ends the worker with the query it runs; the next query gets a new one. */
  #fail(error: ContrailError): void {
    void this.#dropWorker(error);
    this.#settled();
    this.#next();
  }

  async #dropWorker(error: ContrailError): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#warm = false;
    const running = this.#running;
    this.#running = null;
    running?.cancelTimer();
    running?.query.reject(error);
    await worker?.end();
  }
}
