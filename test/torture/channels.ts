// npm run torture -- channels [schedules] [seed] [schedules with stock providers] [kills]

import * as assert from 'uvu/assert';
import { runBoardDay } from '../crdt/board-of-a-day.js';
import { runSchedules } from '../crdt/channel-schedules.js';
import { runStockSchedules } from '../e2e/channel-schedules.js';
import { killUnderFlights } from '../e2e/flight-kills.js';
import { chooseSeed } from '../support/seed.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const seed = Number(args[1] ?? chooseSeed());
  const day = await runBoardDay(200, seed);
  console.log(`  200 flights, 24 h: ${JSON.stringify(day)}`);
  assert.ok(day.mostBytes <= 150_000 && day.writtenBytes <= 300_000);
  console.log(`  schedules: ${JSON.stringify(await runSchedules(Number(args[0] ?? 1_000), seed))}`);
  console.log(`  stock providers: ${JSON.stringify(await runStockSchedules(Number(args[2] ?? 300), seed))}`);
  console.log(`  kill -9: ${JSON.stringify(await killUnderFlights(Number(args[3] ?? 100)))}`);
};
