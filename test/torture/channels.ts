// npm run torture -- channels [schedules] [seed] [schedules with stock providers]

import { runSchedules } from '../crdt/channel-schedules.js';
import { runStockSchedules } from '../e2e/channel-schedules.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const seed = Number(args[1] ?? chooseSeed());
  console.log(`  ${JSON.stringify(await runSchedules(Number(args[0] ?? 1_000), seed))}`);
  console.log(`  ${JSON.stringify(await runStockSchedules(Number(args[2] ?? 300), seed))}`);
};
