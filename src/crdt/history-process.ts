// A history worker seen from outside: a process of its own, because what computes answers must not disturb what relays keystrokes. Threads
// of one process share V8's helper threads, which collect for a worker at the priority of the main thread; and a query that
// exhausts its memory can only end what it shares an address space with.
//
// It gives way to everything else (history-priority.ts), runs on one thread, and ends with the server, however that ends: its channel closes.

import { type ChildProcess, fork } from 'node:child_process';
import { ContrailError } from '../model/errors.js';
import type { FromHistoryWorker, HistoryQuestion } from './history-messages.js';
import { asIdleWork, fair, giveWay, lowest, ranMs } from './history-priority.js';

export interface HistoryProcessOptions {
  /** The file that the process runs, which calls `serveHistory`, and what it finds by `historyWorkerData`: plain JSON. */
  readonly entry: URL;
  readonly workerData: unknown;
  /** How much JavaScript memory it may use, MiB. */
  readonly maxHeapMib: number;
  /** Whether it takes only what nobody else wants, which is nothing while every core is busy; else it has a share. */
  readonly idle: boolean;
}

export interface HistoryProcessListener {
  readonly message: (message: FromHistoryWorker) => void;
  /** It has ended without having been told to: `query-too-large` for want of memory, otherwise `internal`. Called once at most. */
  readonly ended: (error: ContrailError) => void;
}

/**
 * How large the space for young values may grow, MiB. A query makes a document and drops it. With the usual 16 its items are copied about
 * while it runs, which takes longer than reading them (a document of 65,000 items: 185 ms of CPU, with 64 it is 112 ms). With this, and
 * collected after each answer, when nothing of it lives any more, nothing is copied: 67 ms, and less memory.
 */
const semiSpaceMib = 96;
/**
 * What old values may grow to before V8 collects them for the first time, MiB. By itself it begins at some 10 more than there are, and then every thirtieth
 * question takes 40 to 80 ms longer. Replicas for undo and what has been compiled come to half of this.
 */
const initialOldMib = 128;
/** So much of what it wrote to stderr is kept, to say why it ended, characters. */
const keptComplaint = 4_000;

export class HistoryProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly idle: boolean;
  #complaint = '';
  #ending = false;

  constructor({ entry, workerData, maxHeapMib, idle }: HistoryProcessOptions, listener: HistoryProcessListener) {
    const front = idle ? asIdleWork() : [];
    const [execPath, ...before] = [...front, process.execPath];
    this.idle = idle;
    const child = fork(entry, [JSON.stringify(workerData)], {
      execPath,
      execArgv: [
        ...before,
        '--single-threaded',
        '--expose-gc',
        `--max-old-space-size=${maxHeapMib}`,
        `--max-semi-space-size=${semiSpaceMib}`,
        `--initial-old-space-size=${Math.min(initialOldMib, maxHeapMib)}`,
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    // Before it has started any thread: those inherit it.
    if (idle && front.length === 0) this.#giveWay(lowest);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-keptComplaint);
    });
    child.on('message', (message) => {
      if (!this.#ending) this.#heard(message as FromHistoryWorker, listener);
    });
    const end = (error: ContrailError) => {
      if (this.#ending) return;
      this.#ending = true;
      listener.ended(error);
    };
    child.on('error', (error) => end(new ContrailError('internal', 'A history worker failed.', { cause: error })));
    this.#gone = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        end(this.#failure(`It ended with ${signal ?? `exit code ${code}`}.`));
        resolve();
      });
      child.on('error', () => child.pid === undefined && resolve());
    });
    this.unref();
  }

  send(question: HistoryQuestion): void {
    // That it is gone already is said by its end.
    this.#child.send(question, () => undefined);
  }

  /** For how long it has had a core, in ms; `null` where the system does not say. */
  get ranMs(): number | null {
    return this.#child.pid === undefined ? null : ranMs(this.#child.pid);
  }

  /** While it is referenced, this process does not end by itself. */
  ref(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    (this.#child.stderr as { unref?: () => void } | null)?.unref?.();
  }

  /** Ends it in the middle of whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    this.#ending = true;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #heard(message: FromHistoryWorker, listener: HistoryProcessListener): void {
    // Not before: where cores are scarce it would take long to begin.
    if (message === 'warm' && !this.idle) this.#giveWay(fair);
    listener.message(message);
  }

  #giveWay(niceness: number): void {
    if (this.#child.pid !== undefined) giveWay(this.#child.pid, niceness);
  }

  #failure(how: string): ContrailError {
    const cause = `${how}\n${this.#complaint}`;
    return this.#complaint.includes('heap out of memory')
      ? new ContrailError('query-too-large', 'The query needs more memory than is allowed.', { cause })
      : new ContrailError('internal', 'A history worker ended by itself.', { cause });
  }
}
