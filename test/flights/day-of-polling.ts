// A day of many flights on a virtual clock, against a source that refuses, fails and dawdles: what was asked, when, and what was written.

import type { Leg } from '../../src/flights/flight.js';
import { createFlights, type Flights } from '../../src/flights/flights.js';
import { pollIntervalMs } from '../../src/flights/intervals.js';
import { noReferenceData } from '../../src/flights/sources/reference-data.js';
import { seededRandom } from '../../src/flights/sources/seeded-random.js';
import { createSimulator } from '../../src/flights/sources/simulator.js';
import { type Source, SourceError } from '../../src/flights/sources/source.js';
import { systemActor } from '../../src/model/ids.js';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.js';
import { createHarness, type Harness } from './harness.js';

export const startMs = Date.UTC(2026, 10, 22);
const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export interface DayOptions {
  readonly flights: number;
  readonly hours: number;
  readonly seed: number;
  readonly perDay?: number | null;
  /** Shares of requests that fail. */
  readonly rateLimited?: number;
  readonly unavailable?: number;
  /** How long an answer takes at most. */
  readonly answerMs?: number;
  /** Hours of the day in which the source answers nothing but 503. */
  readonly outage?: readonly [from: number, to: number];
}

/** A day on which the source fails now and then, asks for silence some times, and is gone for two hours. */
export const failingDay = {
  answerMs: 2_000,
  rateLimited: 0.0001,
  unavailable: 0.01,
  outage: [9, 11],
} as const satisfies Partial<DayOptions>;

export interface Request {
  readonly key: string;
  readonly at: number;
  /** When it was answered, and what the table says of the record as it is after that. */
  answeredAt: number;
  paceMs: number;
  outcome: 'answered' | 'rate-limited' | 'unavailable';
}

export interface Day {
  readonly harness: Harness;
  readonly flights: Flights;
  readonly clock: VirtualClock;
  readonly requests: readonly Request[];
  /** Requests of one flight that were under way together with another of the same. */
  readonly overlaps: number;
  /** Requests that left while the source had asked for silence. */
  readonly impatient: number;
  /** Bytes of the flights' own events; what their boards cost is counted in test/crdt/board-of-a-day.ts. */
  readonly trackingBytes: number;
  readonly pollingBytes: number;
  readonly faults: readonly unknown[];
}

export const legOf = (index: number, count: number, hours: number): Leg => {
  const departure = startMs + Math.round((index / count) * hours * 60) * minuteMs;
  const block = (60 + ((index * 37) % 300)) * minuteMs;
  return {
    carrierCode: 'DL',
    flightNumber: `DL${100 + index}`,
    departureCity: 'Atlanta',
    arrivalCity: 'Los Angeles',
    departureAirport: 'ATL',
    arrivalAirport: 'LAX',
    scheduledDeparture: new Date(departure).toISOString(),
    scheduledArrival: new Date(departure + block).toISOString(),
  };
};

export const pollADay = async (options: DayOptions): Promise<Day> => {
  const { flights: count, hours, seed, perDay = null, rateLimited = 0, unavailable = 0, answerMs = 0 } = options;
  const [outageFrom, outageTo] = options.outage ?? [hours, hours];
  const isOut = (): boolean =>
    clock.now() >= startMs + outageFrom * hourMs && clock.now() < startMs + outageTo * hourMs;
  const clock = createVirtualClock(startMs);
  const harness = createHarness();
  const random = seededRandom(seed);
  const simulator = createSimulator({ seed: String(seed), clock, reference: noReferenceData });
  const requests: Request[] = [];
  const underWay = new Set<string>();
  const faults: unknown[] = [];
  let overlaps = 0;
  let impatient = 0;
  let quietUntil = 0;
  const retryAfterMs = 2 * minuteMs;

  const source: Source = {
    ...simulator,
    budget: { perDay },
    async fetch(leg) {
      const key = leg.flightNumber;
      if (underWay.has(key)) overlaps += 1;
      if (clock.now() < quietUntil) impatient += 1;
      const request: Request = { key, at: clock.now(), answeredAt: 0, paceMs: 0, outcome: 'answered' };
      requests.push(request);
      underWay.add(key);
      if (answerMs > 0) await new Promise<void>((resolve) => clock.after(random() * answerMs, resolve));
      underWay.delete(key);
      request.answeredAt = clock.now();
      // By then the answer has been dealt with.
      clock.after(0, () => {
        request.paceMs = pollIntervalMs(flights.get(`FL-${key}`), request.answeredAt, 30_000);
      });
      const draw = random();
      if (draw < rateLimited) {
        request.outcome = 'rate-limited';
        quietUntil = Math.max(quietUntil, clock.now() + retryAfterMs);
        throw new SourceError('rate-limited', '429', { retryAfterMs });
      }
      if (draw < rateLimited + unavailable || isOut()) {
        request.outcome = 'unavailable';
        throw new SourceError('unavailable', '503');
      }
      return simulator.fetch(leg);
    },
  };
  const flights: Flights = createFlights({
    ...harness,
    clock,
    random,
    sources: [source],
    config: { defaultSource: 'simulator', pollSeconds: 30, delayThresholdMinutes: 15, lingerMinutes: 120 },
    onFault: (_source, error) => faults.push(error),
  });
  for (let index = 0; index < count; index += 1) {
    const leg = legOf(index, count, hours);
    await flights.track({ flightId: `FL-${leg.flightNumber}`, ...leg }, systemActor);
  }
  const trackingBytes = harness.bytes();
  await clock.advance(hours * hourMs);
  await flights.close();
  const pollingBytes = harness.bytes() - trackingBytes;
  return { harness, flights, clock, requests, overlaps, impatient, trackingBytes, pollingBytes, faults };
};
