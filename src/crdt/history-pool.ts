// History queries in processes of their own, so that they never hold up the thread that relays keystrokes. Each query has a limit of time and
// each worker one of memory; whoever goes beyond costs its own worker and nobody else's query.
//
// One worker is started ahead; another one only when a query had to wait, and it is given none before it is warm: a cold worker takes
// longer than the wait for a warm one, and on a machine with few cores it takes that from everybody.
//
// ### Ordering
// A document's queries run one at a time, in the order of the calls. While some are under way the next ones go to the same worker, and as
// long as that is idle otherwise, too (its replicas are warm there).
//
// ### Failure
// A query beyond its limits rejects with `query-too-large`; its worker is replaced, and the queries that waited behind it run there.
// A full queue rejects with `overloaded`, a closed pool with `restarting`.

import { ContrailError } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { HistoryAnswers, HistoryMethod } from './history.js';
import { HistoryLane, type HistoryLaneOptions } from './history-lane.js';
import { Recent } from './recent.js';

export interface HistoryPoolOptions extends HistoryLaneOptions {
  readonly workers: number;
  /** How many queries may wait, over all workers. */
  readonly maxWaiting: number;
}

/** Of so many documents without a query it is known which worker answered last. */
const keptPlaces = 1_000;
/** A server does not wait longer than this for its first worker, however slow the machine is. */
const maxWarmingMs = 5_000;

export class HistoryPool implements HistoryAnswers {
  readonly #options: HistoryPoolOptions;
  readonly #lanes: readonly HistoryLane[];
  readonly #places: Recent<DocumentId, { lane: HistoryLane }>;
  #cancelWarming: (() => void) | null = null;
  #closed = false;

  constructor(options: HistoryPoolOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.workers }, () => new HistoryLane(options, () => this.#endWarming()));
    // More than can have queries under way, or two lanes could answer for one document at a time.
    this.#places = new Recent(keptPlaces + options.maxWaiting + options.workers);
  }

  readonly stateAt: HistoryAnswers['stateAt'] = (documentId, request) => this.#ask('stateAt', documentId, request);
  readonly diff: HistoryAnswers['diff'] = (documentId, request) => this.#ask('diff', documentId, request);
  readonly attribution: HistoryAnswers['attribution'] = (documentId, request) =>
    this.#ask('attribution', documentId, request);
  readonly undo: HistoryAnswers['undo'] = (documentId, request) => this.#ask('undo', documentId, request);
  readonly restore: HistoryAnswers['restore'] = (documentId, request) => this.#ask('restore', documentId, request);
  readonly edit: HistoryAnswers['edit'] = (documentId, request) => this.#ask('edit', documentId, request);
  readonly stateBody: HistoryAnswers['stateBody'] = (documentId, request) =>
    this.#ask('stateBody', documentId, request);
  readonly diffBody: HistoryAnswers['diffBody'] = (documentId, range) => this.#ask('diffBody', documentId, range);
  readonly attributionBody: HistoryAnswers['attributionBody'] = (documentId, request) =>
    this.#ask('attributionBody', documentId, request);

  /** Starts the first worker ahead of the first query, which would wait for that otherwise. `awaited`: the pool is `warming` until it is warm. */
  start({ awaited }: { readonly awaited: boolean }): void {
    if (awaited) this.#cancelWarming = this.#options.clock.after(maxWarmingMs, () => this.#endWarming());
    this.#lanes[0]?.start();
  }

  /** Whether the worker that was started ahead is not warm yet: queries are answered, but slowly. */
  get warming(): boolean {
    return this.#cancelWarming !== null;
  }

  /** How many queries wait or run. */
  get load(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.load, 0);
  }

  /** Ends the workers; queries under way reject with `restarting`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endWarming();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #endWarming(): void {
    this.#cancelWarming?.();
    this.#cancelWarming = null;
  }

  #ask<Method extends HistoryMethod>(
    method: Method,
    documentId: DocumentId,
    request: Parameters<HistoryAnswers[Method]>[1],
  ): ReturnType<HistoryAnswers[Method]> {
    const asked = new Promise<unknown>((resolve, reject) => {
      if (this.#closed) throw new ContrailError('restarting', 'History queries have ended.');
      const waiting = this.#lanes.reduce((sum, lane) => sum + lane.waiting, 0);
      if (waiting >= this.#options.maxWaiting)
        throw new ContrailError('overloaded', 'Too many history queries are waiting.');
      this.#lane(documentId).add({ method, documentId, request, resolve, reject });
    });
    return asked as ReturnType<HistoryAnswers[Method]>;
  }

  #lane(documentId: DocumentId): HistoryLane {
    const place = this.#places.take(documentId, () => ({ lane: this.#best() }));
    if (place.lane.load > 0 && !place.lane.has(documentId)) place.lane = this.#best();
    return place.lane;
  }

  /** The warm lane with the least to do, and where that has something to do already, one more is started for the next time. */
  #best(): HistoryLane {
    const warm = this.#lanes.filter((lane) => lane.warm);
    const [first, ...others] = warm.length > 0 ? warm : this.#lanes;
    if (first === undefined) throw new Error('a pool has workers');
    const best = others.reduce((least, lane) => (lane.load < least.load ? lane : least), first);
    if (warm.length > 0 && best.load > 0 && warm.length === this.#lanes.filter((lane) => lane.started).length)
      this.#lanes.find((lane) => !lane.started)?.start();
    return best;
  }
}
