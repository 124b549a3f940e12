// History queries in worker threads, so that they never hold up the thread that relays keystrokes. Each query has a limit of time and
// each worker one of memory; whoever goes beyond costs its own worker and nobody else's query.
//
// ### Ordering
// A document's queries go to one worker (its replicas are warm there) and run one at a time, in the order of the calls.
//
// ### Failure
// A query beyond its limits rejects with `query-too-large`; its worker is replaced, and the queries that waited behind it run there.
// A full queue rejects with `overloaded`, a closed pool with `restarting`.

import { Worker } from 'node:worker_threads';
import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { History, HistoryMethod } from './history.js';
import { type HistoryQuestion, type HistoryReply, messageError } from './history-messages.js';

export interface HistoryPoolOptions {
  /** The file a worker runs, which calls `serveHistory`; and what it finds as `workerData`. */
  readonly entry: URL;
  readonly workerData: unknown;
  readonly workers: number;
  /** How long one query may run. */
  readonly timeoutMs: number;
  /** How much JavaScript memory a worker may use, MiB. */
  readonly maxHeapMib: number;
  /** How many queries may wait, over all workers. */
  readonly maxWaiting: number;
  readonly clock: Clock;
}

/**
 * Where a worker's values are young. A query makes a document and drops it: with the usual 48 MiB its items are copied about while it runs,
 * which takes longer than reading them (a document of 65,000 items: 185 ms of CPU, with this 112 ms).
 */
const youngHeapMib = 192;

interface Query {
  readonly method: HistoryMethod;
  readonly documentId: DocumentId;
  readonly request: HistoryQuestion['request'];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: ContrailError) => void;
}

export class HistoryPool implements History {
  readonly #lanes: readonly Lane[];
  readonly #maxWaiting: number;
  #closed = false;

  constructor(options: HistoryPoolOptions) {
    this.#lanes = Array.from({ length: options.workers }, () => new Lane(options));
    this.#maxWaiting = options.maxWaiting;
  }

  readonly stateAt: History['stateAt'] = (documentId, request) => this.#ask('stateAt', documentId, request);
  readonly diff: History['diff'] = (documentId, request) => this.#ask('diff', documentId, request);
  readonly attribution: History['attribution'] = (documentId, request) => this.#ask('attribution', documentId, request);
  readonly undo: History['undo'] = (documentId, request) => this.#ask('undo', documentId, request);
  readonly restore: History['restore'] = (documentId, request) => this.#ask('restore', documentId, request);
  readonly edit: History['edit'] = (documentId, request) => this.#ask('edit', documentId, request);

  /** Starts the workers ahead of the first queries, which would wait for that otherwise. */
  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  /** How many queries wait or run. */
  get load(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.load, 0);
  }

  /** Ends the workers; queries under way reject with `restarting`. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #ask<Method extends HistoryMethod>(
    method: Method,
    documentId: DocumentId,
    request: Parameters<History[Method]>[1],
  ): ReturnType<History[Method]> {
    const asked = new Promise<unknown>((resolve, reject) => {
      if (this.#closed) throw new ContrailError('restarting', 'History queries have ended.');
      const waiting = this.#lanes.reduce((sum, lane) => sum + lane.waiting, 0);
      if (waiting >= this.#maxWaiting) throw new ContrailError('overloaded', 'Too many history queries are waiting.');
      this.#lane(documentId)?.add({ method, documentId, request, resolve, reject });
    });
    return asked as ReturnType<History[Method]>;
  }

  #lane(documentId: string): Lane | undefined {
    let hash = 0;
    for (let i = 0; i < documentId.length; i++) hash = (Math.imul(hash, 31) + documentId.charCodeAt(i)) >>> 0;
    return this.#lanes[hash % this.#lanes.length];
  }
}

/** One worker and the queries for it. The worker is started by the first query if not before, and anew after a failure. */
class Lane {
  readonly #options: HistoryPoolOptions;
  readonly #queue: Query[] = [];
  #running: { readonly id: number; readonly query: Query; readonly cancelTimer: () => void } | null = null;
  #worker: Worker | null = null;
  #lastId = 0;

  constructor(options: HistoryPoolOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get load(): number {
    return this.#queue.length + (this.#running === null ? 0 : 1);
  }

  add(query: Query): void {
    this.#queue.push(query);
    this.#next();
  }

  start(): void {
    if (this.#worker === null) this.#start().unref();
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
    worker.postMessage({ id, method, documentId, request } satisfies HistoryQuestion);
  }

  #start(): Worker {
    const { entry, workerData, maxHeapMib } = this.#options;
    const worker = new Worker(entry, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib, maxYoungGenerationSizeMb: youngHeapMib },
    });
    this.#worker = worker;
    worker.on('message', (reply: HistoryReply) => {
      if (this.#worker === worker) this.#settle(reply);
    });
    worker.on('error', (error: Error & { readonly code?: string }) => {
      if (this.#worker === worker) this.#fail(failureOf(error));
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#fail(new ContrailError('internal', 'A history worker ended by itself.'));
    });
    return worker;
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
    this.#next();
  }

  async #dropWorker(error: ContrailError): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    const running = this.#running;
    this.#running = null;
    running?.cancelTimer();
    running?.query.reject(error);
    await worker?.terminate();
  }
}

const failureOf = (error: Error & { readonly code?: string }): ContrailError =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new ContrailError('query-too-large', 'The query needs more memory than is allowed.', { cause: error })
    : new ContrailError('internal', 'A history worker failed.', { cause: error });
