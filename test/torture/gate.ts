// npm run torture -- gate [updates] [programs]: maimed and made-up updates against the gate, then honest programs through it.
// SEED repeats a run.

import { runHonest } from '../crdt/editing-session.js';
import { run } from '../crdt/gate-fuzz.js';
import { seededRandom } from '../crdt/random-edits.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [updates = 1_000_000, programs = 5_000] = args.map(Number);
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const started = performance.now();
  const { rules, ...counts } = run(updates, seed);
  console.log(JSON.stringify(counts), JSON.stringify(Object.fromEntries(rules)));
  console.log(`${Math.round((performance.now() - started) / 1000)} s`);
  const honest = runHonest(programs, seededRandom(seed));
  console.log(`${programs} honest programs: ${honest} updates accepted, none refused`);
};
