// The main thread's end of the writer thread: one request at a time, each answered once. It does not restart a thread that died.

import { Worker } from 'node:worker_threads';
import { LogRefused } from './connection.js';
import type { WriteFailure, WriterAnswer, WriterData, WriterRequest } from './writer-thread.js';

/** A batch or a probe failed; `failure.code` says whether the disk or the batch is to blame. */
export class WriteFailed extends Error {
  readonly failure: WriteFailure;

  constructor(failure: WriteFailure) {
    super(failure.message);
    this.name = 'WriteFailed';
    this.failure = failure;
  }
}

export interface WriterLinkOptions extends WriterData {
  /** Entry of the worker; a file that calls `runWriter`. */
  readonly writerUrl: URL;
  /** The thread ended without being asked to. */
  readonly onDeath: (error: Error) => void;
  /** An event could not be read while a projection was filled. */
  readonly onDamaged: (stream: string, seq: number) => void;
}

interface Pending {
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: Error) => void;
}

export interface WriterReady {
  readonly link: WriterLink;
  readonly lastId: number;
  /** Names of the projections that were filled afresh. */
  readonly rebuilt: readonly string[];
}

export class WriterLink {
  readonly #worker: Worker;
  #pending: Pending | null = null;
  #dead: Error | null = null;

  private constructor(options: WriterLinkOptions) {
    const { file, durability, writerUrl, onDeath, onDamaged } = options;
    this.#worker = new Worker(writerUrl, { workerData: { file, durability } satisfies WriterData });
    this.#worker.on('message', (answer: WriterAnswer) => {
      if (!(answer instanceof ArrayBuffer) && answer.kind === 'damaged') onDamaged(answer.stream, answer.seq);
      else this.#settle((pending) => pending.resolve(answer));
    });
    const die = (error: Error): void => {
      if (this.#dead) return;
      this.#dead = error;
      this.#settle((pending) => pending.reject(error));
      onDeath(error);
    };
    this.#worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => die(new Error(`The writer thread ended with code ${code}.`)));
  }

  /** Starts the thread and waits until the database is open and takes writes. Rejects with `LogRefused` when it does not. */
  static async start(options: WriterLinkOptions): Promise<WriterReady> {
    let started = false;
    const link = new WriterLink({ ...options, onDeath: (error) => started && options.onDeath(error) });
    const answer = await link.#answer();
    if (!(answer instanceof ArrayBuffer) && answer.kind === 'ready') {
      started = true;
      return { link, lastId: answer.lastId, rebuilt: answer.rebuilt };
    }
    link.#dead = new Error('The writer refused to start.');
    const { message, stack } = answer as Extract<WriterAnswer, { readonly kind: 'refused' }>;
    throw new LogRefused(message, { cause: stack });
  }

  /** Commits a batch and gives its buffer back with the slots filled in. Rejects with `WriteFailed`, or the error the thread died of. */
  async commit(batch: ArrayBuffer): Promise<ArrayBuffer> {
    const answer = await this.#ask(batch, [batch]);
    if (answer instanceof ArrayBuffer) return answer;
    throw unexpected(answer);
  }

  /** Resolves when a small write succeeded. */
  async probe(): Promise<void> {
    await this.#ask('probe');
  }

  /** Copies the write-ahead log back, closes the database and ends the thread. */
  async close(): Promise<void> {
    if (this.#dead) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    const closed = this.#ask('close');
    this.#dead = new Error('The writer is closed.');
    await closed;
    await ended;
  }

  async #ask(request: WriterRequest, transfer: readonly ArrayBuffer[] = []): Promise<WriterAnswer> {
    if (this.#dead) throw this.#dead;
    const answer = this.#answer();
    this.#worker.postMessage(request, transfer);
    const given = await answer;
    if (!(given instanceof ArrayBuffer) && given.kind === 'failed') throw new WriteFailed(given.failure);
    return given;
  }

  #answer(): Promise<WriterAnswer> {
    if (this.#pending) throw new Error('The writer is asked one thing at a time.');
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
  }

  #settle(settle: (pending: Pending) => void): void {
    const pending = this.#pending;
    this.#pending = null;
    if (pending) settle(pending);
  }
}

const unexpected = (answer: WriterAnswer): Error =>
  new Error(`The writer gave an unexpected answer: ${String(answer)}`);
