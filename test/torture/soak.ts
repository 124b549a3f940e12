// npm run torture -- soak [runs] [steps] [seed]

import { describeSoak, runSoak } from '../e2e/soak.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [runs = 20, steps = 600] = args.map(Number);
  const seed = Number(args[2] ?? chooseSeed());
  for (let run = 0; run < runs; run += 1)
    console.log(`  ${seed + run}: ${describeSoak(await runSoak(steps, seed + run))}`);
};
