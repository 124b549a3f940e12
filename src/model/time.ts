// Time and chance, injected everywhere so that tests decide both.

export interface Clock {
  /** Unix time in whole milliseconds. */
  now(): number;
  /** Runs `task` once after `ms`; the function returned cancels it. Never keeps the process alive. */
  after(ms: number, task: () => void): () => void;
}

/** Milliseconds on a clock that all threads of the process share, and that never goes back; its beginning means nothing. */
export const processMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A number in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A random Yjs client id that also other languages' ports can hold: 1 to 2^32 - 1. */
export const randomClientId = (random: Random): number => 1 + Math.floor(random() * 0xffff_fffe);

/** RFC 3339, UTC, milliseconds. */
export const formatTime = (ms: number): string => new Date(ms).toISOString();
