// npm run torture -- notifications <operations> <broadcasts> <seed>: random operations with crashes against a recount, and broadcasts to 1,000
// people that are killed half-way.

import { run as breakBroadcasts } from '../notify/broken-broadcast.js';
import { broadcastToAll, pageOfBusyInboxMs } from '../notify/figures.js';
import { run as operate } from '../notify/random-operations.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [operations = 10_000, broadcasts = 100, seed = Math.floor(Math.random() * 2 ** 31)] = args.map(Number);
  console.log(`seed ${seed}`);
  console.log('random operations', JSON.stringify(await operate(operations, seed)));
  console.log('page of a busy inbox, ms', await pageOfBusyInboxMs());
  console.log('broadcast to a million', JSON.stringify(await broadcastToAll(1_000_000)));
  console.log('broken broadcasts', JSON.stringify(await breakBroadcasts(broadcasts, seed)));
};
