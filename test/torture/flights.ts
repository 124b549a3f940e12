// The full counts of the flights domain: `npm run torture -- flights [flights] [seed] [polled flights] [hours]`.

import { failingDay, pollADay } from '../flights/day-of-polling.js';
import { run } from '../flights/simulated-flights.js';

export const torture = async (args: readonly string[]): Promise<void> => {
  const [count = 10_000, seed = 1, flights = 200, hours = 24] = args.map(Number);
  console.log(`seed ${seed}`);
  const { statuses, moves, illegal } = await run(count, seed);
  console.log(`${count} simulated flights`, { statuses, moves, illegal: illegal.length });
  const day = await pollADay({ flights, hours, seed, ...failingDay });
  console.log(`${flights} flights polled for ${hours} h`, {
    requests: day.requests.length,
    overlaps: day.overlaps,
    impatient: day.impatient,
    trackingBytes: day.trackingBytes,
    pollingBytes: day.pollingBytes,
    events: day.harness.events.length,
  });
  if (illegal.length > 0 || day.overlaps > 0 || day.impatient > 0)
    throw new Error('an invariant of the flights was broken');
};
