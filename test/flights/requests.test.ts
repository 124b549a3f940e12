import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalTime } from '../../src/flights/field-parsers.js';
import { parsePatch, parsePush, parseTrackRequest } from '../../src/flights/requests.js';
import { ContrailError } from '../../src/model/errors.js';

const now = Date.UTC(2026, 10, 22, 10);
const faultsOf = (run: () => unknown): Readonly<Record<string, string>> => {
  try {
    run();
  } catch (error) {
    assert.instance(error, ContrailError);
    return Object.fromEntries((error as ContrailError).faults.map(({ at, detail }) => [at, detail]));
  }
  throw new Error('nothing was wrong');
};

test('a request to track lists every fault at once', () => {
  const faults = faultsOf(() =>
    parseTrackRequest({
      flightId: 'a b',
      carrierCode: 'D',
      departureAirport: 'ATLANTA',
      scheduledDeparture: '2026-02-30T10:00:00Z',
      status: 'delayed',
      isDelayed: true,
      phase: 'boarding',
      boards: ['tour 7'],
      watchers: [''],
      colour: 'red',
    }),
  );
  assert.equal(Object.keys(faults).sort(), [
    '/boards',
    '/carrierCode',
    '/colour',
    '/departureAirport',
    '/flightId',
    '/flightNumber',
    '/isDelayed',
    '/phase',
    '/scheduledDeparture',
    '/status',
    '/watchers',
  ]);
  assert.match(faults['/status'] ?? '', 'derived');
});

test('a flight number may be written with or without its carrier', () => {
  const designators = ['DL123', 'dl 123', 'U2123', '9W12A', 'DAL4567'].map(
    (flightNumber) => parseTrackRequest({ flightNumber }).query.carrierCode,
  );
  assert.equal(designators, ['DL', 'DL', 'U2', '9W', 'DAL']);
  assert.is(parseTrackRequest({ carrierCode: 'DL', flightNumber: '123' }).query.carrierCode, 'DL');
  assert.ok('/carrierCode' in faultsOf(() => parseTrackRequest({ flightNumber: '123' })));
  assert.ok('/flightNumber' in faultsOf(() => parseTrackRequest({ carrierCode: 'AA', flightNumber: 'DL123' })));
});

test('no flight is called like the main board, and none arrives before it leaves', () => {
  assert.ok('/flightId' in faultsOf(() => parseTrackRequest({ flightId: 'main', flightNumber: 'DL1' })));
  const times = { scheduledDeparture: '2026-11-22T12:00:00Z', scheduledArrival: '2026-11-22T11:00:00Z' };
  assert.ok('/scheduledArrival' in faultsOf(() => parseTrackRequest({ flightNumber: 'DL1', ...times })));
});

test('times are RFC 3339 with an offset and come out in UTC with milliseconds', () => {
  assert.is(normalTime('2026-11-22T12:00:00+02:00'), '2026-11-22T10:00:00.000Z');
  assert.is(normalTime('2026-11-22t10:00:00.5z'), '2026-11-22T10:00:00.500Z');
  for (const bad of ['2026-11-22', '2026-11-22T10:00:00', '2026-02-30T10:00:00Z', '2026-11-22T25:00:00Z', 'x'])
    assert.is(normalTime(bad), null, bad);
});

test('a patch sets and clears, never what is derived or names the leg', () => {
  const patch = parsePatch({ gate: 'B7', terminal: null, until: '2026-11-22T12:00:00Z' }, now);
  assert.equal(patch.set, { gate: { value: 'B7', until: '2026-11-22T12:00:00.000Z' } });
  assert.equal(patch.clear, ['terminal']);
  const faults = faultsOf(() => parsePatch({ delayMinutes: 3, carrierCode: 'AA', phase: 'landed', force: true }, now));
  assert.equal(Object.keys(faults).sort(), ['/carrierCode', '/delayMinutes', '/phase', '/reason']);
  assert.ok('/until' in faultsOf(() => parsePatch({ gate: 'B7', until: '2026-11-22T09:00:00Z' }, now)));
  assert.equal(Object.keys(faultsOf(() => parsePatch({}, now))), ['/']);
  assert.equal(Object.keys(faultsOf(() => parsePatch([], now))), ['/']);
});

test('pushed data from the future is refused: it would shut out all that comes later', () => {
  assert.is(parsePush({ gate: 'A1' }, now).observedAt, now);
  assert.ok('/observedAt' in faultsOf(() => parsePush({ gate: 'A1', observedAt: '2026-11-23T10:00:00Z' }, now)));
});

test.run();
