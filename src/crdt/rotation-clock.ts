// Rotations that clients cause, at most one a minute for each view: what is wanted too early is done when the minute is over.

import type { StreamName } from '../model/ids.js';
import type { Clock } from '../model/time.js';

const intervalMs = 60_000;

interface Minute {
  /** Whether another rotation is wanted at its end. */
  again: boolean;
  readonly cancel: () => void;
}

export class RotationClock {
  readonly #clock: Clock;
  readonly #rotate: (stream: StreamName) => unknown;
  /** Views rotated within the last minute. */
  readonly #recent = new Map<StreamName, Minute>();

  constructor(clock: Clock, rotate: (stream: StreamName) => unknown) {
    this.#clock = clock;
    this.#rotate = rotate;
  }

  want(stream: StreamName): void {
    const minute = this.#recent.get(stream);
    if (minute) minute.again = true;
    else this.#begin(stream);
  }

  /** Forgets what is wanted later. */
  close(): void {
    for (const { cancel } of this.#recent.values()) cancel();
    this.#recent.clear();
  }

  #begin(stream: StreamName): void {
    const minute = { again: false, cancel: this.#clock.after(intervalMs, () => this.#end(stream, minute)) };
    this.#recent.set(stream, minute);
    this.#rotate(stream);
  }

  #end(stream: StreamName, { again }: Minute): void {
    this.#recent.delete(stream);
    if (again) this.#begin(stream);
  }
}
