// Many random calls on both logs: npm run torture -- log-equivalence [rounds] [seed]

import { run } from '../log/equivalence.js';

export const torture = async ([
  rounds = '5000',
  seed = String(Math.floor(Math.random() * 2 ** 31)),
]: readonly string[]): Promise<void> => {
  console.log(`log-equivalence: ${rounds} rounds, seed ${seed}`);
  console.log(`${await run(Number(rounds), Number(seed))} events, the same answers`);
};
