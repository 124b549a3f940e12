// Waiting without guessing: a condition is looked at until it holds or the deadline passes.

import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once `condition` holds; rejects with what was awaited after `deadlineMs`. */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string,
  deadlineMs = 10_000,
): Promise<void> => {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await pause(4);
  }
};

/** The promise's value, or a rejection that says what was awaited. */
export const within = async <T>(promise: Promise<T>, what: string, deadlineMs = 10_000): Promise<T> => {
  const late = new AbortController();
  const deadline = pause(deadlineMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not within ${deadlineMs} ms: ${what}`);
  });
  deadline.catch(() => {}); // when aborted, the race below is decided already
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    late.abort();
  }
};
