// Lets a room stand still for a moment: while a section runs, its connections' frames wait, in order, and are handled afterwards. For what
// must be computed elsewhere and logged exactly at the head it was computed at, in a document where people never stop typing.
//
// The time is bounded: past it the frames go on, whatever the section does.

import type { Clock } from '../model/time.js';

export class FrameHold {
  #waiting: (() => void)[] | null = null;

  /** Whether frames have to wait now. */
  get active(): boolean {
    return this.#waiting !== null;
  }

  /** Calls `resume` once frames may go on. Only while `active`. */
  wait(resume: () => void): void {
    this.#waiting?.push(resume);
  }

  /** Runs `section` while frames wait, for `maxMs` at most. One section at a time. */
  async during<T>(
    section: () => Promise<T>,
    { clock, maxMs }: { readonly clock: Clock; readonly maxMs: number },
  ): Promise<T> {
    this.#waiting = [];
    const cancelTimer = clock.after(maxMs, () => this.#release());
    try {
      return await section();
    } finally {
      cancelTimer();
      this.#release();
    }
  }

  #release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const resume of waiting) resume();
  }
}
