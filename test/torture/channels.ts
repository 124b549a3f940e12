// npm run torture -- channels [schedules] [seed] [schedules with stock providers] [kills]

import { holdBoardDay } from '../crdt/board-of-a-day.js';
import { runSchedules } from '../crdt/channel-schedules.js';
import { runStockSchedules } from '../e2e/channel-schedules.js';
import { killUnderFlights } from '../e2e/flight-kills.js';
import { failingDay } from '../flights/day-of-polling.js';
import { chooseSeed } from '../support/seed.js';

const daysOfEachKind = 8;

export const torture = async (args: readonly string[]): Promise<void> => {
  const seed = Number(args[1] ?? chooseSeed());
  console.log('  200 flights, 24 h, on good days and on failing ones');
  for (let day = 0; day < daysOfEachKind; day += 1) {
    await holdBoardDay(seed + day);
    await holdBoardDay(seed + day, failingDay);
  }
  console.log(`  schedules: ${JSON.stringify(await runSchedules(Number(args[0] ?? 1_000), seed))}`);
  console.log(`  stock providers: ${JSON.stringify(await runStockSchedules(Number(args[2] ?? 300), seed))}`);
  console.log(`  kill -9: ${JSON.stringify(await killUnderFlights(Number(args[3] ?? 100)))}`);
};
