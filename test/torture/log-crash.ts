// Many kills: npm run torture -- log-crash [kills] [seed]

import { run } from '../log/crash.js';

export const torture = async ([
  kills = '500',
  seed = String(Math.floor(Math.random() * 2 ** 31)),
]: readonly string[]) => {
  console.log(`log-crash: ${kills} kills, seed ${seed}`);
  console.log(`${await run(Number(kills), Number(seed))} acknowledged events, all there`);
};
