// A clock that stands still until a test advances it. `advance` runs the timers that fall due, in the order of their times (those of one
// instant in the order they were set), and lets promises settle after each, so what a task awaits has happened before the next.
// It settles promises and immediates only: work that waits for a socket or a thread needs its own condition, given as `settle`.

import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/model/time.js';

export interface VirtualClock extends Clock {
  /** Moves the time forward and runs what falls due on the way. Calls may not overlap. */
  advance(ms: number): Promise<void>;
  /** How many timers are set. */
  pending(): number;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** `settle` runs after every timer; the default lets every promise that needs no outside event settle. */
export const createVirtualClock = (
  startMs: number,
  settle: () => Promise<unknown> = () => setImmediate(),
): VirtualClock => {
  let nowMs = startMs;
  let advancing = false;
  /** Sorted by time, then by order of setting. */
  const timers: Timer[] = [];

  const insert = (timer: Timer): void => {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((timers[middle]?.at ?? Number.POSITIVE_INFINITY) <= timer.at) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  };

  return {
    now: () => nowMs,
    pending: () => timers.length,
    after(ms, task) {
      const timer: Timer = { at: nowMs + Math.max(0, Math.ceil(ms)), task };
      insert(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    async advance(ms) {
      if (advancing) throw new Error('the virtual clock is being advanced already');
      advancing = true;
      try {
        const target = nowMs + ms;
        await settle();
        for (let next = timers[0]; next !== undefined && next.at <= target; next = timers[0]) {
          timers.shift();
          nowMs = next.at;
          next.task();
          await settle();
        }
        nowMs = target;
      } finally {
        advancing = false;
      }
    },
  };
};
