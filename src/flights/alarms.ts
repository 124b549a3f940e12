// One timer per flight for what time alone brings: a delay by the clock, the end of an override, the end of tracking, leaving the boards.

import type { Clock } from '../model/time.js';

/** Longer waits are cut into these: timers of the platform overflow after 24.8 days. */
const longestWaitMs = 24 * 3_600_000;

export class Alarms {
  readonly #clock: Clock;
  readonly #ring: (flightId: string) => void;
  readonly #cancels = new Map<string, () => void>();

  constructor(clock: Clock, ring: (flightId: string) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Sets the flight's alarm, instead of the one that was set; `null` for none. */
  set(flightId: string, waitMs: number | null): void {
    this.#cancels.get(flightId)?.();
    this.#cancels.delete(flightId);
    if (waitMs === null) return;
    const cancel = this.#clock.after(Math.min(Math.max(0, waitMs), longestWaitMs), () => {
      this.#cancels.delete(flightId);
      this.#ring(flightId);
    });
    this.#cancels.set(flightId, cancel);
  }

  close(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
