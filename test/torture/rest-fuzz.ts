// Odd REST requests, at full count: `npm run torture -- rest-fuzz <requests>`.

import { fuzzRest } from '../http/rest-fuzz.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async ([count = '100000']: readonly string[]): Promise<void> => {
  const { faults, ...figures } = await fuzzRest(Number(count), chooseSeed());
  console.log(`  ${JSON.stringify(figures)}`);
  if (faults.length > 0) throw new Error(faults.join('\n'));
};
