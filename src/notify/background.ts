// Work that goes on after its request was answered: it is tried until it succeeds, tracked so that a close can wait for it, and woken from
// its pauses when the server stops.

import type { Clock } from '../model/time.js';

const firstPauseMs = 500;
const lastPauseMs = 30_000;

/**
 * ### Failure
 * A task that throws is reported and run again from its beginning, first after 500 ms, then less and less often. So tasks must be
 * repeatable: each looks up what is left to do.
 */
export class Background {
  readonly #clock: Clock;
  readonly #report: (error: unknown) => void;
  readonly #running = new Set<Promise<void>>();
  readonly #wakers = new Set<() => void>();
  #closed = false;

  constructor(clock: Clock, report: (error: unknown) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Tasks that take several steps stop between two of them when this is true. */
  get closed(): boolean {
    return this.#closed;
  }

  start(task: () => Promise<void>): void {
    const ended: Promise<void> = this.#untilDone(task).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ends pauses, starts nothing again, and waits for the steps under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
    await this.settled();
  }

  async #untilDone(task: () => Promise<void>): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#closed; pauseMs = Math.min(lastPauseMs, pauseMs * 2)) {
      try {
        return await task();
      } catch (error) {
        this.#report(error);
      }
      await this.#pause(pauseMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(this.#closed ? 0 : ms, wake);
      if (this.#closed) wake();
      else this.#wakers.add(wake);
    });
  }
}
