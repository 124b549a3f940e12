// Rotations that clients cause, at most one a minute for each view: what is wanted too early is done when the minute is over.

import type { StreamName } from '../model/ids.js';
import type { Clock } from '../model/time.js';

const intervalMs = 60_000;

export class RotationClock {
  readonly #clock: Clock;
  readonly #rotate: (stream: StreamName) => unknown;
  /** Views rotated within the last minute, and whether another rotation is wanted at its end. */
  readonly #recent = new Map<StreamName, boolean>();

  constructor(clock: Clock, rotate: (stream: StreamName) => unknown) {
    this.#clock = clock;
    this.#rotate = rotate;
  }

  want(stream: StreamName): void {
    if (this.#recent.has(stream)) this.#recent.set(stream, true);
    else this.#begin(stream);
  }

  #begin(stream: StreamName): void {
    this.#recent.set(stream, false);
    this.#rotate(stream);
    this.#clock.after(intervalMs, () => {
      const again = this.#recent.get(stream) === true;
      this.#recent.delete(stream);
      if (again) this.#begin(stream);
    });
  }
}
