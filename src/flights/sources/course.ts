// The course of a simulated flight: everything that will happen to one leg, decided beforehand from the seed and the leg alone. Only
// legal moves, one step at a time. The simulator shows the part that has happened.

import type { FeedValues } from '../feed.js';
import type { Leg } from '../flight.js';
import { designator } from '../legs.js';
import type { Phase } from '../phases.js';
import { Dice, hashText, seededRandom } from './seeded-random.js';

/** Something that happens to a flight. */
export interface Step {
  /** Unix ms, a whole minute when the schedule is. */
  readonly at: number;
  readonly phase?: Phase;
  readonly values: FeedValues;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const boardingMinutes = 35;
const time = (ms: number): string => new Date(ms).toISOString();

const aircraftTypes = ['A20N', 'A320', 'A321', 'A333', 'A359', 'B38M', 'B738', 'B77W', 'B789', 'BCS3', 'E190'] as const;
const cancelReasons = ['Weather', 'Crew', 'Technical', 'Air traffic control'] as const;
const diversionReasons = ['Weather at destination', 'Medical', 'Runway closed'] as const;

/** How likely the unusual is. A sum of the first four is the share of flights that do not simply fly. */
const odds = {
  cancelled: 0.02,
  deboarded: 0.015,
  returned: 0.01,
  diverted: 0.015,
  reinstated: 0.25,
  reroutedBack: 0.35,
  gateChange: 0.1,
  littleDelay: 0.62,
  someDelay: 0.9,
} as const;

type Fate = 'flies' | 'cancelled' | 'deboarded' | 'returned' | 'diverted';

const fateOf = (dice: Dice): Fate => {
  const draw = dice.between(0, 9_999) / 10_000;
  let bound = 0;
  for (const fate of ['cancelled', 'deboarded', 'returned', 'diverted'] as const) {
    bound += odds[fate];
    if (draw < bound) return fate;
  }
  return 'flies';
};

/** Minutes of delay at the gate; a few leave early. */
const delayOf = (dice: Dice): number => {
  const draw = dice.between(0, 99) / 100;
  if (draw < odds.littleDelay) return dice.between(-3, 9);
  return draw < odds.someDelay ? dice.between(12, 59) : dice.between(60, 180);
};

const gateOf = (dice: Dice): string => `${dice.pick(['A', 'B', 'C', 'D', 'E'])}${dice.between(1, 48)}`;

/** Writes the steps of one leg in the order of their times. */
class Course {
  readonly steps: Step[] = [];
  readonly #dice: Dice;
  readonly #departure: number;
  readonly #arrival: number;

  constructor(seed: string, leg: Leg) {
    const { departureAirport = leg.departureCity, arrivalAirport = leg.arrivalCity } = leg;
    const key = [seed, designator(leg), departureAirport, arrivalAirport, leg.scheduledDeparture].join('|');
    this.#dice = new Dice(seededRandom(hashText(key)));
    this.#departure = Date.parse(leg.scheduledDeparture);
    this.#arrival = Math.max(Date.parse(leg.scheduledArrival), this.#departure + 20 * minuteMs);
    this.#write();
  }

  #add(at: number, phase: Phase | null, values: FeedValues = {}): void {
    this.steps.push(phase === null ? { at, values } : { at, phase, values });
  }

  #write(): void {
    const dice = this.#dice;
    const departure = this.#departure;
    const minutesBefore = (low: number, high: number): number => departure - dice.between(low, high) * minuteMs;
    this.#add(departure - 48 * hourMs, 'scheduled');
    this.#add(minutesBefore(150, 240), null, {
      aircraft: dice.pick(aircraftTypes),
      terminal: String(dice.between(1, 4)),
      gate: gateOf(dice),
    });
    const fate = fateOf(dice);
    let delay = delayOf(dice);
    if (fate === 'cancelled') {
      const at = minutesBefore(60, 140);
      this.#add(at, 'cancelled', { phaseReason: dice.pick(cancelReasons) });
      if (!dice.chance(odds.reinstated)) return;
      this.#add(at + 20 * minuteMs, 'scheduled', { phaseReason: 'Reinstated' });
      delay = Math.max(delay, 45);
    }
    if (dice.chance(odds.gateChange)) this.#add(minutesBefore(40, 110), null, { gate: gateOf(dice) });
    this.#announce(delay);
    this.#leave(departure + delay * minuteMs, fate);
    this.steps.sort((a, b) => a.at - b.at);
  }

  /** The delay becomes known in one or two portions. */
  #announce(delay: number): void {
    if (delay < 10) return;
    const portions = delay > 40 && this.#dice.chance(0.4) ? [Math.trunc(delay / 2), delay] : [delay];
    for (const [index, portion] of portions.entries())
      this.#add(
        this.#departure - (38 - index * 3 + this.#dice.between(0, 2)) * minuteMs,
        null,
        this.#estimates(portion),
      );
  }

  #estimates(delay: number): FeedValues {
    return {
      estimatedDeparture: time(this.#departure + delay * minuteMs),
      estimatedArrival: time(this.#arrival + delay * minuteMs),
    };
  }

  #leave(out: number, fate: Fate): void {
    const leaving = { actualDeparture: time(out) };
    this.#add(out - boardingMinutes * minuteMs, 'boarding');
    if (fate === 'deboarded') {
      this.#add(out - 12 * minuteMs, 'scheduled', this.#postponed(out));
      this.#leave(out + hourMs, 'flies');
      return;
    }
    this.#add(out, 'departed', leaving);
    if (fate === 'returned') {
      this.#add(out + 9 * minuteMs, this.#dice.pick(['boarding', 'scheduled']), this.#postponed(out));
      this.#leave(out + hourMs, 'flies');
      return;
    }
    this.#fly(out + this.#dice.between(8, 22) * minuteMs, fate);
  }

  /** A new estimate once the last one is off by ten minutes. */
  #revised(arrival: number): FeedValues {
    const known = this.steps.findLast(({ values }) => values.estimatedArrival !== undefined)?.values.estimatedArrival;
    const last = known === undefined ? this.#arrival : Date.parse(known);
    return Math.abs(arrival - last) < 10 * minuteMs ? {} : { estimatedArrival: time(arrival) };
  }

  #postponed(out: number): FeedValues {
    return this.#estimates(Math.trunc((out + hourMs - this.#departure) / minuteMs));
  }

  #fly(off: number, fate: Fate): void {
    const dice = this.#dice;
    const planned = this.#arrival - this.#departure - 22 * minuteMs;
    const airborne = Math.max(8 * minuteMs, Math.round((planned * dice.between(96, 103)) / 100 / minuteMs) * minuteMs);
    const taxi = dice.between(4, 10) * minuteMs;
    const late = fate === 'diverted' ? 70 * minuteMs : 0;
    const on = off + airborne + late;
    const arrival = off + airborne + late + taxi;
    this.#add(off, null, { actualOff: time(off), ...this.#revised(off + airborne + taxi) });
    if (fate === 'diverted') {
      const half = off + Math.trunc(airborne / 2);
      this.#add(half, 'diverted', { phaseReason: dice.pick(diversionReasons) });
      if (!dice.chance(odds.reroutedBack)) {
        this.#add(half + 40 * minuteMs, null, { actualOn: time(half + 40 * minuteMs) });
        return;
      }
      this.#add(half + 25 * minuteMs, 'departed', { estimatedArrival: time(arrival) });
    }
    this.#add(on, null, {
      actualOn: time(on),
      arrivalTerminal: String(dice.between(1, 4)),
      arrivalGate: gateOf(dice),
      baggageBelt: String(dice.between(1, 18)),
    });
    this.#add(arrival, 'arrived', { actualArrival: time(arrival) });
  }
}

/** All that will happen to a leg, in order of time. A pure function of the seed and the leg. */
export const courseOf = (seed: string, leg: Leg): readonly Step[] => new Course(seed, leg).steps;
