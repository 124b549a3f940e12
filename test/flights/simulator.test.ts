import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noReferenceData, readReferenceData } from '../../src/flights/sources/reference-data.js';
import { createSimulator } from '../../src/flights/sources/simulator.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { hourMs, legOf, startMs } from './day-of-polling.js';
import { run } from './simulated-flights.js';

test('all seven statuses appear, by legal moves only', async () => {
  const seed = Number(process.env['SEED'] ?? 7);
  console.log(`  seed ${seed}`);
  const { statuses, illegal } = await run(1_000, seed);
  assert.equal(illegal, []);
  assert.equal(Object.keys(statuses).sort(), [
    'arrived',
    'boarding',
    'cancelled',
    'delayed',
    'departed',
    'diverted',
    'on-time',
  ]);
});

test('two runs with one seed are identical, with another they are not', async () => {
  const [first, second, other] = [await run(60, 3), await run(60, 3), await run(60, 4)];
  assert.equal(first, second);
  assert.is.not(first.fingerprint, other.fingerprint);
});

test('with the reference data a bare flight number becomes a leg between real cities', async () => {
  const clock = createVirtualClock(startMs);
  const reference = await readReferenceData('data/samples');
  const simulator = createSimulator({ seed: 'x', clock, reference });
  const [leg] = await simulator.search({ carrierCode: 'DL', flightNumber: 'DL123' });
  assert.ok(leg);
  assert.ok(reference.airports.some(({ iata, city }) => iata === leg?.departureAirport && city === leg.departureCity));
  assert.ok(Date.parse(leg?.scheduledDeparture ?? '') > clock.now());
  const [named] = await simulator.search({
    carrierCode: 'DL',
    flightNumber: 'DL1',
    departureAirport: 'ATL',
    arrivalCity: 'Paris',
  });
  assert.is(named?.departureCity, 'Atlanta');
  assert.is(named?.arrivalAirport, 'CDG');
  const hours = (Date.parse(named?.scheduledArrival ?? '') - Date.parse(named?.scheduledDeparture ?? '')) / hourMs;
  assert.ok(hours > 7 && hours < 11, String(hours));
  assert.ok(reference.airlines.length > 20);
});

test('a speed factor lets a flight live faster than the clock', async () => {
  const clock = createVirtualClock(startMs);
  const simulator = createSimulator({ seed: 'x', clock, reference: noReferenceData, speed: 60, epochMs: startMs });
  const leg = {
    ...legOf(0, 1, 24),
    flightNumber: 'DL100',
    scheduledDeparture: new Date(startMs + 2 * hourMs).toISOString(),
    scheduledArrival: new Date(startMs + 4 * hourMs).toISOString(),
  };
  await clock.advance(hourMs / 4);
  const answer = await simulator.fetch(leg);
  assert.is(answer.kind === 'snapshot' && answer.snapshot.phase, 'arrived');
});

test.run();
