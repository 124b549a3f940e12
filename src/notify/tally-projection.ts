// Running totals for the statistics, so that they cost the same however many notifications there are.

import type { SqlDatabase } from '../model/projection.js';

export interface TallyFolds {
  add(name: string, number: number): void;
  /** Counts a time from sending to reading. */
  addDelay(ms: number): void;
}

const exactBelow = 128;

/** Times fall into buckets of at most 1/64 of their size (exact below 128 ms): enough for a median, whatever the number of readings. */
export const bucketOf = (ms: number): number => {
  let value = Math.max(0, Math.floor(ms));
  let doublings = 0;
  for (; value >= exactBelow; doublings++) value = Math.floor(value / 2);
  return doublings * exactBelow + value;
};

/** The least time that falls into a bucket. */
export const bucketStart = (bucket: number): number => (bucket % exactBelow) * 2 ** Math.floor(bucket / exactBelow);

export const tallyFolds = (db: SqlDatabase): TallyFolds => {
  const add = db.prepare(
    'INSERT INTO notify_tally VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET number = number + excluded.number',
  );
  const addDelay = db.prepare(
    'INSERT INTO notify_delay VALUES (?, 1) ON CONFLICT (bucket) DO UPDATE SET number = number + 1',
  );
  return {
    add(name, number) {
      if (number !== 0) add.run(name, number);
    },
    addDelay(ms) {
      addDelay.run(bucketOf(ms));
    },
  };
};
