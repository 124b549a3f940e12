// npm run torture -- real-input [kills] [seed]

import { describeRealInput, runRealInput } from '../e2e/real-input.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const kills = Number(args[0] ?? 40);
  const seed = Number(args[1] ?? chooseSeed());
  for (const name of ['friendsforever', 'sveltecomponent'] as const)
    console.log(`  ${describeRealInput(await runRealInput(name, { kills, seqs: 1_000, seed }))}`);
};
