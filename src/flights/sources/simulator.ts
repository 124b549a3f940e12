// The default source: flights that nobody flies. What it answers is a pure function of the seed, the leg and the time, so two runs with
// one seed are the same, and a restart changes nothing. With a speed other than 1 its flights live faster than the clock.

import type { Clock } from '../../model/time.js';
import type { Snapshot } from '../feed.js';
import { actualFields, type Facts, type Leg } from '../flight.js';
import { completeLeg, designator, type LegQuery } from '../legs.js';
import { beforeDeparture, type Phase } from '../phases.js';
import { courseOf, type Step } from './course.js';
import { type Airport, distanceKm, type ReferenceData } from './reference-data.js';
import { Dice, hashText, seededRandom } from './seeded-random.js';
import type { Source } from './source.js';

export interface SimulatorOptions {
  readonly seed: string;
  readonly clock: Clock;
  readonly reference: ReferenceData;
  /** How many simulated seconds pass in one of the clock. */
  readonly speed?: number;
  /** Where simulated and real time agree, Unix ms; matters with a speed only. */
  readonly epochMs?: number;
}

const minuteMs = 60_000;
const scheduleStepMs = 5 * minuteMs;
/** Gate to gate: half an hour on the ground, the rest at 800 km/h. */
const groundMinutes = 30;
const kmPerMinute = 800 / 60;
const unknownBlockMinutes = 120;
/** How many courses are remembered: they are cheap to make again. */
const maxCourses = 2_000;

/** What has happened by `now`, `null` before anything has. Exported for tests. */
export const snapshotAt = (course: readonly Step[], now: number): Snapshot | null => {
  let phase: Phase = 'scheduled';
  let observedAt: number | null = null;
  const values: { -readonly [field in keyof Facts]: Facts[field] } = {};
  for (const step of course) {
    if (step.at > now) break;
    observedAt = step.at;
    phase = step.phase ?? phase;
    Object.assign(values, step.values);
    if (beforeDeparture(phase)) for (const field of actualFields) delete values[field];
  }
  return observedAt === null ? null : { observedAt, phase, values };
};

const ceilTo = (ms: number, step: number): number => Math.ceil(ms / step) * step;

/** Invents what a query leaves open: route, times, and now and then a second leg with the same number. */
const inventLegs = (query: LegQuery, now: number, { seed, reference }: SimulatorOptions): readonly Leg[] => {
  const dice = new Dice(seededRandom(hashText(`${seed}|route|${designator(query)}`)));
  const { airports } = reference;
  const find = (iata: string | undefined, city: string | undefined): Airport | undefined =>
    airports.find((airport) => (iata === undefined ? airport.city === city : airport.iata === iata));
  const somewhere = (not: readonly (Airport | undefined)[]): Airport | undefined => {
    const others = airports.filter((airport) => !not.includes(airport));
    return others[dice.between(0, Math.max(0, others.length - 1))];
  };
  const namesFrom = query.departureAirport !== undefined || query.departureCity !== undefined;
  const namesTo = query.arrivalAirport !== undefined || query.arrivalCity !== undefined;
  const askedTo = find(query.arrivalAirport, query.arrivalCity);
  const from = namesFrom ? find(query.departureAirport, query.departureCity) : somewhere([askedTo]);
  const to = namesTo ? askedTo : somewhere([from]);

  const leg = (
    part: LegQuery,
    [start, end]: readonly [Airport | undefined, Airport | undefined],
    departure: number,
  ) => {
    const blockMinutes = start && end ? groundMinutes + distanceKm(start, end) / kmPerMinute : unknownBlockMinutes;
    const scheduledDeparture = part.scheduledDeparture ?? new Date(departure).toISOString();
    const arrival = ceilTo(Date.parse(scheduledDeparture) + blockMinutes * minuteMs, scheduleStepMs);
    return completeLeg({
      ...(start ? { departureCity: start.city, departureAirport: start.iata } : {}),
      ...(end ? { arrivalCity: end.city, arrivalAirport: end.iata } : {}),
      scheduledArrival: new Date(arrival).toISOString(),
      ...part,
      scheduledDeparture,
    });
  };

  const departure = ceilTo(now + dice.between(45, 105) * minuteMs, scheduleStepMs);
  const first = leg(query, [from, to], departure);
  if (first === null) return [];
  const hasOnward = !namesFrom && !namesTo && query.scheduledDeparture === undefined && dice.chance(0.1);
  const onward = hasOnward
    ? leg(query, [to, somewhere([from, to])], Date.parse(first.scheduledArrival) + 60 * minuteMs)
    : null;
  return onward === null ? [first] : [first, onward];
};

export const createSimulator = (options: SimulatorOptions): Source => {
  const { seed, clock, speed = 1, epochMs = 0 } = options;
  const courses = new Map<string, readonly Step[]>();
  const now = (): number => (speed === 1 ? clock.now() : Math.floor(epochMs + (clock.now() - epochMs) * speed));

  const courseFor = (leg: Leg): readonly Step[] => {
    const key = JSON.stringify(leg);
    const known = courses.get(key);
    if (known !== undefined) return known;
    if (courses.size >= maxCourses) courses.clear();
    const course = courseOf(seed, leg);
    courses.set(key, course);
    return course;
  };

  return {
    name: 'simulator',
    capabilities: { polled: true, positions: false, speed },
    budget: { perDay: null },
    now,
    positions: async () => [],
    search: async (query) => inventLegs(query, now(), options),
    async fetch(leg) {
      const snapshot = snapshotAt(courseFor(leg), now());
      return snapshot === null ? { kind: 'unchanged' } : { kind: 'snapshot', snapshot };
    },
  };
};
