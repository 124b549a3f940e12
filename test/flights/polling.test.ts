import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight } from '../../src/flights/flight.js';
import { createFlights } from '../../src/flights/flights.js';
import { flightSql, flightsProjection } from '../../src/flights/flights-projection.js';
import { pollIntervalMs, trackingEndsAt } from '../../src/flights/intervals.js';
import { createPushSource } from '../../src/flights/sources/push.js';
import { type FetchResult, type Source, SourceError } from '../../src/flights/sources/source.js';
import { systemActor } from '../../src/model/ids.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { hourMs, legOf, pollADay, startMs } from './day-of-polling.js';
import { createHarness } from './harness.js';

const minuteMs = 60_000;
const at = (minutes: number): string => new Date(startMs + minutes * minuteMs).toISOString();
const flight = (fields: Partial<Flight>): Flight =>
  ({ phase: 'scheduled', scheduledDeparture: at(0), scheduledArrival: at(300), ...fields }) as Flight;
const pace = (minutes: number, fields: Partial<Flight> = {}): number =>
  pollIntervalMs(flight(fields), startMs + minutes * minuteMs, 30_000) / 1000;

test('a flight is asked about as often as the table says', () => {
  assert.is(pace(-25 * 60), 1800);
  assert.is(pace(-23 * 60), 600);
  assert.is(pace(-3 * 60), 180);
  assert.is(pace(-60), 30);
  assert.is(pace(10), 30);
  assert.is(pace(-60, { estimatedDeparture: at(60) }), 180);
  const departed = { phase: 'departed', actualDeparture: at(0) } as const;
  assert.is(pace(10, departed), 30);
  assert.is(pace(60, departed), 180, 'no runway times: it counts as flying after a long taxi');
  assert.is(pace(30, { ...departed, actualOff: at(15) }), 180);
  assert.is(pace(261, { ...departed, actualOff: at(15) }), 30);
  assert.is(pace(200, { ...departed, actualOff: at(15), estimatedArrival: at(230) }), 30);
  assert.is(pace(290, { ...departed, actualOff: at(15), actualOn: at(288), estimatedArrival: at(400) }), 30);
  assert.is(pace(-30, { phase: 'cancelled' }), 900);
  assert.is(trackingEndsAt(flight({ phase: 'cancelled' })), startMs + 120 * minuteMs);
  assert.is(trackingEndsAt(flight({ phase: 'arrived', actualArrival: at(310) })), startMs + 340 * minuteMs);
});

test('over a day no flight is asked twice at once, every pause is the table’s within 15 %, and little is written', async () => {
  const seed = Number(process.env['SEED'] ?? 11);
  console.log(`  seed ${seed}`);
  const flights = 40;
  const day = await pollADay({ flights, hours: 24, seed, answerMs: 2_000 });
  assert.is(day.overlaps, 0);
  assert.equal(day.faults, []);
  let checked = 0;
  const last = new Map<string, (typeof day.requests)[number]>();
  for (const request of day.requests) {
    const before = last.get(request.key);
    last.set(request.key, request);
    if (before === undefined) continue;
    const pause = request.at - before.answeredAt;
    const fits = pause >= before.paceMs * 0.85 - 1 && pause <= before.paceMs * 1.15 + 1;
    assert.ok(fits, `${request.key}: ${pause} ms instead of ${before.paceMs}`);
    checked += 1;
  }
  assert.ok(checked > 5_000);
  // 100 KB for 200 flights, and a fifth more because few flights vary more.
  assert.ok(day.pollingBytes <= (120_000 * flights) / 200, `${day.pollingBytes} bytes of events`);
  const { active, completed } = day.flights.count();
  assert.is(active + completed, flights);
  assert.ok(completed > flights / 2);
});

test('a 429 silences the whole source for as long as it asked, failures do not stop anything', async () => {
  const day = await pollADay({ flights: 20, hours: 12, seed: 5, rateLimited: 0.01, unavailable: 0.05 });
  const refused = day.requests.filter(({ outcome }) => outcome === 'rate-limited').length;
  assert.ok(refused > 10, String(refused));
  assert.is(day.impatient, 0);
  assert.is(day.overlaps, 0);
  assert.is(day.faults.length, day.requests.filter(({ outcome }) => outcome !== 'answered').length);
  assert.ok(day.flights.count().completed > 5);
});

test('a daily budget is never overspent, lasts all day, and slows down instead of failing', async () => {
  const day = await pollADay({ flights: 20, hours: 24, seed: 5, perDay: 1_000 });
  assert.ok(day.requests.length <= 1_000);
  assert.ok(day.requests.length > 700, String(day.requests.length));
  const lastHours = day.requests.filter((request) => request.at > startMs + 20 * hourMs).length;
  assert.ok(lastHours > 50, String(lastHours));
});

/** One flight, asked by `fetch` on a virtual clock. */
const single = async (fetch: (now: number) => Promise<FetchResult>) => {
  const clock = createVirtualClock(startMs);
  const harness = createHarness();
  const asked: number[] = [];
  const source: Source = {
    ...createPushSource(clock),
    name: 'feed',
    capabilities: { polled: true, positions: false, speed: 1 },
    fetch(leg) {
      asked.push(clock.now() - startMs);
      return fetch(Date.parse(leg.scheduledDeparture));
    },
  };
  const flights = createFlights({
    ...harness,
    clock,
    random: () => 0.5,
    sources: [source],
    config: { defaultSource: 'feed', pollSeconds: 30, delayThresholdMinutes: 15, lingerMinutes: 120 },
    onFault: () => undefined,
  });
  await flights.track({ ...legOf(0, 1, 1), flightId: 'F' }, systemActor);
  return { clock, harness, flights, asked };
};

test('a source that fails is asked again after 30 s, then less and less, at most every 15 minutes', async () => {
  const { clock, asked, flights } = await single(async () => {
    throw new SourceError('unavailable', '503');
  });
  await clock.advance(2 * hourMs);
  await flights.close();
  const pauses = asked.slice(1).map((time, index) => (time - (asked[index] ?? 0)) / 1000);
  const expected = [30, 60, 120, 240, 480, 900, 900];
  for (const [index, seconds] of expected.entries()) {
    const pause = pauses[index] ?? 0;
    assert.ok(pause >= seconds && pause <= seconds * 1.15, `${pauses}`);
  }
});

test('a flight goes stale once after three intervals without an answer, and fresh again with the next', async () => {
  let works = true;
  const { clock, harness, flights } = await single(async () => {
    if (!works) throw new SourceError('unavailable', 'down');
    return { kind: 'unchanged' };
  });
  await clock.advance(10 * minuteMs);
  assert.is(harness.changes.length, 1, 'unchanged polls write nothing');
  works = false;
  await clock.advance(20 * minuteMs);
  assert.is(flights.get('F').stale, true);
  const written = () => harness.changes.map(({ views }) => Object.keys(views[0]?.entries[0]?.fields ?? {}).join());
  assert.equal(written().filter((fields) => fields.includes('stale')).length, 2);
  works = true;
  await clock.advance(20 * minuteMs);
  assert.is(flights.get('F').stale, false);
  assert.equal(
    written()
      .slice(1)
      .filter((fields) => fields === 'stale').length,
    2,
  );
  await flights.close();
  assert.is(clock.pending(), 0);
});

test('a flight that is stopped and tracked again waits for its old request', async () => {
  let answer: (result: FetchResult) => void = () => undefined;
  const { clock, flights, asked } = await single(() => new Promise((resolve) => (answer = resolve)));
  await clock.advance(0);
  await flights.stop('F', systemActor);
  await flights.track(legOf(0, 1, 1), systemActor);
  await clock.advance(30_000);
  assert.is(asked.length, 1);
  answer({ kind: 'unchanged' });
  await clock.advance(2_000);
  assert.is(asked.length, 2);
  await flights.close();
});

test('every query of the projection searches an index', () => {
  const { db } = createHarness();
  for (const [name, sql] of Object.entries(flightSql)) {
    if (name === 'put' || name === 'putBoard') continue;
    const values = [...sql.matchAll(/\?/g)].map(() => 1);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
    for (const { detail } of plan) assert.match(detail, /^SEARCH/, `${name}: ${detail}`);
  }
  for (const table of flightsProjection.tables) assert.match(table, /^flights(_|$)/);
});

test.run();
