import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Flight } from '../../src/flights/flight.js';
import { createPositionFeed, type FlightPosition } from '../../src/flights/position-feed.js';
import { createOpenSky } from '../../src/flights/sources/opensky.js';
import { type Position, type Source, SourceError } from '../../src/flights/sources/source.js';
import { systemClock } from '../../src/model/time.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { startVendor, type VendorServer } from './vendor-server.js';

/** A state vector as OpenSky documents it: 17 values, the callsign padded to eight characters. */
const vector = [
  '3c6444',
  'DLH9LF  ',
  'Germany',
  1795154390,
  1795154399,
  6.1546,
  50.1964,
  9639.3,
  false,
  232.88,
  98.26,
  4.55,
  null,
  9547.86,
  '1000',
  false,
  0,
];

const withVendor = async (
  check: (source: Source, vendor: VendorServer, clock: { now(): number }) => Promise<void>,
): Promise<void> => {
  const vendor = await startVendor();
  let offset = 0;
  const clock = { ...systemClock, now: () => Date.now() + offset };
  const source = createOpenSky({
    credentials: { clientId: 'contrail', clientSecret: 'hush' },
    clock,
    fetch,
    onUnknown: () => undefined,
    baseUrl: `${vendor.url}/api`,
    tokenUrl: `${vendor.url}/token`,
  });
  try {
    await check(source, vendor, {
      now() {
        offset += 31 * 60_000;
        return offset;
      },
    });
  } finally {
    await vendor.close();
  }
};

const serve = (states: unknown) => (path: string) =>
  path === '/token' ? { body: { access_token: 'tok', expires_in: 1800 } } : { body: { time: 1795154400, states } };

test('a state vector becomes a position, with the callsign unpadded and nulls kept apart from zeros', () =>
  withVendor(async (source, vendor) => {
    const silent = vector.map((value, index) =>
      [1, 7, 9, 10].includes(index) ? null : index === 0 ? 'ABCDEF' : value,
    );
    const noFix = vector.map((value, index) => (index === 5 || index === 6 ? null : value));
    vendor.reply = serve([vector, silent, noFix, 'odd']);
    const [first, second, ...rest] = await source.positions(['3C6444', 'abcdef']);
    assert.equal(first, {
      icao24: '3c6444',
      callsign: 'DLH9LF',
      longitude: 6.1546,
      latitude: 50.1964,
      altitudeM: 9639.3,
      onGround: false,
      speedMps: 232.88,
      trackDegrees: 98.26,
      at: 1795154390000,
    });
    assert.equal([second?.icao24, second?.callsign, second?.altitudeM], ['abcdef', null, null]);
    assert.equal(rest, []);
    vendor.reply = serve(null);
    assert.equal(await source.positions(['3c6444']), []);
    assert.match(vendor.asked[1]?.url ?? '', '/api/states/all?icao24=3c6444&icao24=abcdef');
  }));

test('one token serves many requests, is renewed before it expires and once when it is refused', () =>
  withVendor(async (source, vendor, clock) => {
    vendor.reply = serve([]);
    await source.positions(['3c6444']);
    await source.positions(['3c6444']);
    const tokens = () => vendor.asked.filter(({ url }) => url === '/token').length;
    assert.is(tokens(), 1);
    assert.match(vendor.asked[0]?.body ?? '', 'grant_type=client_credentials&client_id=contrail&client_secret=hush');
    assert.is(vendor.asked[2]?.headers.authorization, 'Bearer tok');
    clock.now();
    await source.positions(['3c6444']);
    assert.is(tokens(), 2);
    let refusals = 1;
    vendor.reply = (path) => (path !== '/token' && refusals-- > 0 ? { status: 401, body: '' } : serve([])(path));
    await source.positions(['3c6444']);
    assert.is(tokens(), 3);
  }));

test('a spent quota names its pause, and no error holds the secret', () =>
  withVendor(async (source, vendor) => {
    vendor.reply = (path) =>
      path === '/token'
        ? serve([])(path)
        : { status: 429, headers: { 'X-Rate-Limit-Retry-After-Seconds': '90' }, body: '' };
    try {
      await source.positions(['3c6444']);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, SourceError);
      assert.equal([(error as SourceError).fault, (error as SourceError).retryAfterMs], ['rate-limited', 90_000]);
      assert.not.ok(String((error as Error).stack).includes('hush'));
    }
  }));

test('positions are asked for while somebody wants them, of aircraft in the air, and handed on by flight', async () => {
  const clock = createVirtualClock(0);
  const asked: (readonly string[])[] = [];
  const heard: (readonly FlightPosition[])[] = [];
  const source = {
    name: 'opensky',
    budget: { perDay: null },
    async positions(icao24s: readonly string[]) {
      asked.push(icao24s);
      return [{ icao24: '3c6444', longitude: 1, latitude: 2 } as Position];
    },
  } as unknown as Source;
  const flights = [
    { flightId: 'F1', phase: 'departed', aircraft: '3C6444' },
    { flightId: 'F2', phase: 'departed', aircraft: 'A320' },
    { flightId: 'F3', phase: 'scheduled', aircraft: 'abcdef' },
  ] as Flight[];
  const feed = createPositionFeed({
    source,
    clock,
    flights: () => flights,
    onPositions: (positions) => heard.push(positions),
    onFault: (_source, error) => assert.unreachable(String(error)),
  });
  await clock.advance(60_000);
  assert.is(asked.length, 0);
  feed.want(2);
  feed.want(3);
  await clock.advance(25_000);
  assert.equal(asked, [['3c6444'], ['3c6444'], ['3c6444']]);
  assert.is(heard[0]?.[0]?.flightId, 'F1');
  feed.want(0);
  await clock.advance(60_000);
  assert.is(asked.length, 3);
  assert.is(clock.pending(), 0);
});

test.run();
