// Group commit on the main thread, in front of one writer thread: the queue of calls, the batch under way, what happens when one fails,
// and the recovery. Reading is log-reader.ts's.
//
// ### Ordering
// Calls wait in one queue. At most one batch is with the writer; what arrives meanwhile is the next. A batch starts after the event
// loop's poll phase, so that all frames read in one turn share it; there is no timer.
//
// ### Failure
// When the disk fails a batch, its calls and all that wait are rejected, and further calls are rejected at once until a probe (with
// backoff) or a new writer thread proves that writing works. When a batch fails for a reason of its own (a broken invariant), its calls
// are tried one by one, so that only the guilty one is rejected. If the writer thread dies between its commit and its answer, a rejected
// call may be in the log after all: callers read the log again after any rejection.

import { ContrailError } from '../model/errors.js';
import type { AppendOutcome, AppendUnit } from '../model/event-log.js';
import type { LoggedEvent, Position } from '../model/events.js';
import type { Clock } from '../model/time.js';
import { AckReader, addUnits, emptyBatch, pushLogged, sealBatch } from './batch.js';
import { KnownHeads } from './known-heads.js';
import { Listeners } from './listeners.js';
import { WriteFailed, WriterLink, type WriterLinkOptions } from './writer-link.js';

export interface GroupCommitOptions extends Omit<WriterLinkOptions, 'onDeath' | 'onDamaged'> {
  readonly clock: Clock;
  readonly onFault: (error: Error) => void;
  readonly onRebuilt: (projections: readonly string[]) => void;
  /** Told of each commit, before anybody who waits for it. */
  readonly onCommit: (commit: Commit) => void;
}

export interface Commit {
  readonly events: number;
  /** How long the transaction took, fsync included. */
  readonly ms: number;
  /** When it was on disk, in `processMs`. */
  readonly durableAt: number;
}

const firstBatchBytes = 64 * 1024;
const keptBatchBytes = 4 * 1024 * 1024;
/** A batch takes no further call once it is this large. */
const fullBatchBytes = 8 * 1024 * 1024;
const firstRetryMs = 250;
const longestRetryMs = 2_000;

interface Call {
  readonly units: readonly AppendUnit[];
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: ContrailError) => void;
}

export const unavailable = (cause?: unknown): ContrailError =>
  new ContrailError('log-unavailable', 'The event log cannot write now; it tries again by itself.', { cause });
export const restarting = (): ContrailError => new ContrailError('restarting', 'The event log is closed.');

export class GroupCommit {
  readonly tail: Listeners<readonly LoggedEvent[]>;
  readonly writability: Listeners<boolean>;
  readonly heads = new KnownHeads();
  readonly stats = { lastId: 0, commits: 0, events: 0, lastCommitMs: 0 };
  readonly #options: GroupCommitOptions;
  #link: WriterLink | null = null;
  #queue: Call[] = [];
  /** The batch's buffer while it is not with the writer. */
  #spare: ArrayBuffer | null = null;
  #draining: Promise<void> | null = null;
  #scheduled = false;
  #writable = false;
  #closing: Promise<void> | null = null;
  #retryMs = firstRetryMs;
  #retrying: Promise<void> | null = null;
  #cancelRetry = (): void => {};

  private constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.tail = new Listeners((error) => this.#fault(error));
    this.writability = new Listeners((error) => this.#fault(error));
  }

  /** Starts the writer; resolves once it takes writes. */
  static async start(options: GroupCommitOptions): Promise<GroupCommit> {
    const commit = new GroupCommit(options);
    await commit.#startWriter();
    commit.#writable = true;
    return commit;
  }

  get writable(): boolean {
    return this.#writable;
  }

  append(units: readonly AppendUnit[]): Promise<readonly AppendOutcome[]> {
    if (this.#closing) return Promise.reject(restarting());
    if (!this.#writable) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.#queue.push({ units, resolve, reject });
      if (this.#scheduled || this.#draining) return;
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#startDraining();
      });
    });
  }

  /** Commits what waits, then ends the writer. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#startDraining();
    await this.#draining;
    this.#cancelRetry();
    await this.#retrying;
    this.#writable = false;
    try {
      await this.#link?.close();
    } catch (error) {
      this.#fault(error);
    }
  }

  #startDraining(): void {
    if (this.#draining || this.#queue.length === 0) return;
    this.#draining = this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const calls = await this.#commitNext();
      for (const call of calls) await this.#commit([call]);
    }
    // In the same breath as the last look at the queue: whoever appends from now on starts the next round.
    this.#draining = null;
  }

  /** Commits as many of the waiting calls as fit; returns those to try one by one. */
  async #commitNext(): Promise<readonly Call[]> {
    const calls = this.#queue;
    this.#queue = [];
    return this.#commit(calls);
  }

  async #commit(waiting: readonly Call[]): Promise<readonly Call[]> {
    const sheet = emptyBatch(this.#spare ?? new ArrayBuffer(firstBatchBytes));
    this.#spare = null;
    const calls: Call[] = [];
    let taken = 0;
    for (const call of waiting) {
      if (sheet.length > fullBatchBytes) break;
      taken += 1;
      try {
        addUnits(sheet, call.units);
        calls.push(call);
      } catch (error) {
        call.reject(this.#rejected(error));
      }
    }
    if (taken < waiting.length) this.#queue = [...waiting.slice(taken), ...this.#queue];
    const buffer = sealBatch(sheet);
    if (calls.length === 0) {
      this.#spare = buffer;
      return [];
    }
    let acknowledged: ArrayBuffer;
    try {
      if (!this.#link || !this.#writable) throw unavailable();
      acknowledged = await this.#link.commit(buffer);
    } catch (error) {
      return this.#failed(calls, error);
    }
    this.#settle(calls, acknowledged);
    return [];
  }

  #settle(calls: readonly Call[], buffer: ArrayBuffer): void {
    const ack = new AckReader(buffer);
    const heard: LoggedEvent[] = [];
    const listening = this.tail.size > 0;
    let events = 0;
    for (const { units, resolve } of calls) {
      const outcomes = units.map((unit) => ack.next(unit));
      for (const [index, unit] of units.entries()) {
        const outcome = outcomes[index];
        if (!outcome?.ok) continue;
        events += outcome.positions.length;
        for (const [at, { stream }] of unit.events.entries())
          this.heads.follow(stream, outcome.positions[at] as Position);
        this.stats.lastId = outcome.positions.at(-1)?.id ?? this.stats.lastId;
        if (listening) pushLogged(heard, unit, outcome);
      }
      resolve(outcomes);
    }
    this.stats.commits += 1;
    this.stats.events += events;
    this.stats.lastCommitMs = ack.commitMs;
    this.#options.onCommit({ events, ms: ack.commitMs, durableAt: ack.durableAt });
    this.#retryMs = firstRetryMs;
    if (buffer.byteLength <= keptBatchBytes) this.#spare = buffer;
    // In a microtask of their own: whoever awaits the append hears of it first.
    if (heard.length > 0) queueMicrotask(() => this.tail.tell(heard));
  }

  /** Decides what becomes of a failed batch; returns the calls to try one by one. */
  #failed(calls: readonly Call[], error: unknown): readonly Call[] {
    const guilty = error instanceof WriteFailed && error.failure.code !== 'log-unavailable';
    if (guilty && calls.length > 1) return calls;
    if (guilty) {
      for (const call of calls) call.reject(this.#rejected(error));
      return [];
    }
    for (const call of [...calls, ...this.#queue]) call.reject(unavailable(error));
    this.#queue = [];
    this.#stopWriting(error);
    return [];
  }

  #rejected(error: unknown): ContrailError {
    this.#fault(error);
    if (error instanceof WriteFailed && error.failure.code === 'damaged-event') {
      const { extra } = error.failure;
      return new ContrailError('damaged-event', `Event ${extra['seq']} of ${extra['stream']} is damaged.`, { extra });
    }
    return new ContrailError('internal', 'The event log refused the events: an invariant is broken.', { cause: error });
  }

  #stopWriting(error: unknown): void {
    if (!this.#writable) return;
    this.#writable = false;
    this.heads.forget();
    this.#fault(error);
    this.writability.tell(false);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closing) return;
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => {
      this.#retrying = this.#retry().finally(() => {
        this.#retrying = null;
      });
    });
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  async #retry(): Promise<void> {
    try {
      if (this.#link) await this.#link.probe();
      else await this.#startWriter();
    } catch (error) {
      this.#fault(error);
      this.#retryLater();
      return;
    }
    if (this.#closing) return;
    this.#writable = true;
    this.writability.tell(true);
  }

  async #startWriter(): Promise<void> {
    const { file, durability, writerUrl } = this.#options;
    const ready = await WriterLink.start({
      file,
      durability,
      writerUrl,
      onDeath: (error) => {
        this.#link = null;
        this.#stopWriting(error);
      },
      onDamaged: (stream, seq) => this.#fault(new ContrailError('damaged-event', `${stream} seq ${seq}`)),
    });
    this.#link = ready.link;
    this.stats.lastId = ready.lastId;
    if (ready.rebuilt.length > 0) this.#options.onRebuilt(ready.rebuilt);
  }

  #fault(error: unknown): void {
    this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
  }
}
