// Chance for tests: printed, and repeatable by SEED.

import type { Random } from '../../src/model/time.js';

/** SEED when given, else a new one; prints it. */
export const chooseSeed = (): number => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
  console.log(`  SEED=${seed}`);
  return seed;
};

/** Mulberry32: numbers in [0, 1) that follow from the seed. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

export const wholeBelow = (random: Random, bound: number): number => Math.floor(random() * bound);

/** The values at these fractions of the sorted list: `percentiles(ms, 0.5, 0.99)`. */
export const percentiles = (values: readonly number[], ...fractions: readonly number[]): readonly number[] => {
  const sorted = [...values].sort((a, b) => a - b);
  return fractions.map((fraction) => sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 0);
};
