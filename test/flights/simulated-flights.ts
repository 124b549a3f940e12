// Many simulated flights on a virtual clock, asked at random moments: which statuses appeared, and which moves.

import { departureDelay, isDelayed, statusOf } from '../../src/flights/derived.js';
import { initialFeed, mergeSnapshot } from '../../src/flights/feed.js';
import { moveBetween } from '../../src/flights/phases.js';
import { courseOf } from '../../src/flights/sources/course.js';
import { noReferenceData } from '../../src/flights/sources/reference-data.js';
import { Dice, hashText, seededRandom } from '../../src/flights/sources/seeded-random.js';
import { createSimulator } from '../../src/flights/sources/simulator.js';
import { legOf } from './day-of-polling.js';

export interface Simulated {
  readonly statuses: Readonly<Record<string, number>>;
  readonly moves: Readonly<Record<string, number>>;
  readonly illegal: readonly string[];
  /** A number that any difference in any answer changes. */
  readonly fingerprint: number;
}

const minuteMs = 60_000;

export const run = async (count: number, seed: number): Promise<Simulated> => {
  const dice = new Dice(seededRandom(seed));
  const statuses: Record<string, number> = {};
  const moves: Record<string, number> = {};
  const illegal: string[] = [];
  let fingerprint = 0;
  const note = (table: Record<string, number>, key: string): void => {
    table[key] = (table[key] ?? 0) + 1;
  };
  for (let index = 0; index < count; index += 1) {
    const leg = legOf(index, count, 24);
    const departure = Date.parse(leg.scheduledDeparture);
    let now = departure - 5 * 60 * minuteMs;
    const clock = { now: () => now, after: () => () => undefined };
    const simulator = createSimulator({ seed: String(seed), clock, reference: noReferenceData });
    let phase = 'scheduled' as ReturnType<typeof initialFeed>['shown']['phase'];
    for (const step of courseOf(String(seed), leg)) {
      if (step.phase === undefined || step.phase === phase) continue;
      const move = moveBetween(phase, step.phase);
      note(moves, `${phase} > ${step.phase}`);
      if (move !== 'step' && move !== 'back') illegal.push(`${leg.flightNumber}: ${phase} > ${step.phase}`);
      phase = step.phase;
    }
    let feed = initialFeed({});
    const end = Date.parse(leg.scheduledArrival) + 10 * 60 * minuteMs;
    while (now < end) {
      now += dice.between(1, 25) * minuteMs;
      const answer = await simulator.fetch(leg);
      if (answer.kind !== 'snapshot') continue;
      const rules = { scheduledDeparture: leg.scheduledDeparture, thresholdMinutes: 15 };
      const next = mergeSnapshot(feed, answer.snapshot, rules).feed;
      const [from, to] = [feed.shown.phase, next.shown.phase];
      if (from !== to && moveBetween(from, to) === null) illegal.push(`${leg.flightNumber}: shown ${from} > ${to}`);
      if (to !== answer.snapshot.phase) illegal.push(`${leg.flightNumber}: ${answer.snapshot.phase} shown as ${to}`);
      feed = next;
      const facts = { ...leg, ...feed.shown };
      const delay = { delayMinutes: departureDelay(facts), lastClear: feed.clear[0], thresholdMinutes: 15 };
      note(statuses, statusOf(to, isDelayed({ facts, ...delay, now })));
      fingerprint = hashText(`${fingerprint}|${JSON.stringify(answer)}`);
    }
  }
  return { statuses, moves, illegal, fingerprint };
};
