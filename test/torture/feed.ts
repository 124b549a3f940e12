// The change feed, at full count: `npm run torture -- feed <kills of readers> <kills of a server with a webhook>`.

import { inWorld } from '../access/world.js';
import { run as readerKills } from '../feed/kills.js';
import { run as serverKills } from '../feed/webhook-kills.js';
import { seedOr } from '../support/random.js';

const secret = `whsec_${Buffer.from('thirty-two bytes to sign with ..').toString('base64')}`;

export const torture = async (args: readonly string[]): Promise<void> => {
  const [readers = 100, servers = 30] = args.map(Number);
  const seed = seedOr(Math.floor(Math.random() * 2 ** 31));
  console.log(`  SEED=${seed}`);
  const faults: string[] = [];
  if (readers > 0)
    await inWorld(async (world) => {
      const report = await readerKills(world, readers, { seed, perSecond: 1_000 });
      console.log(`  readers: ${JSON.stringify(report)}`);
      faults.push(...report.faults);
    });
  if (servers > 0) {
    const report = await serverKills(servers, { secret, seed });
    console.log(`  webhook: ${JSON.stringify(report)}`);
    faults.push(...report.faults);
  }
  if (faults.length > 0) throw new Error(faults.slice(0, 20).join('\n'));
};
