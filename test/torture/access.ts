// Access, at full count: `npm run torture -- access <forged frames> <revocations> <cycles>`.

import { run as cycles, cyclesWorld } from '../access/cycles.js';
import { run as forgedPresence } from '../access/forged-presence.js';
import { run as revocations } from '../access/revocations.js';
import { inWorld } from '../access/world.js';
import { seedOr } from '../support/random.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [frames = 100_000, revoked = 1_000, cycled = 100_000] = args.map(Number);
  const seed = seedOr(Math.floor(Math.random() * 2 ** 31));
  console.log(`  SEED=${seed}`);
  const faults: string[] = [];
  if (frames > 0) await inWorld(async (world) => void faults.push(...(await forgedPresence(world, frames, seed))));
  if (revoked > 0)
    await inWorld(async (world) => {
      const outcome = await revocations(world, revoked, { perSecond: 2_000, seed });
      console.log(`  ${revoked} revocations: ${JSON.stringify(outcome)}`);
      faults.push(...outcome.afterRevocation);
    });
  if (cycled > 0)
    await inWorld(async (world) => {
      const residue = await cycles(world, cycled, seed);
      console.log(`  ${cycled} cycles: ${JSON.stringify(residue)}`);
      const { connections, rooms, present, resources, descriptors, memoryRatio } = residue;
      if (connections + rooms + present > 0 || descriptors > 0 || Object.keys(resources).length > 0)
        faults.push('something stayed behind');
      if (memoryRatio > 1.05) faults.push(`memory is ${memoryRatio} of what it was`);
    }, cyclesWorld);
  if (faults.length > 0) throw new Error(faults.slice(0, 20).join('\n'));
};
