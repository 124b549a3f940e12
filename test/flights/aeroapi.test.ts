import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createAeroApi } from '../../src/flights/sources/aeroapi.js';
import { type Source, SourceError, type UnknownValue } from '../../src/flights/sources/source.js';
import { systemClock } from '../../src/model/time.js';
import { startVendor, type VendorServer } from './vendor-server.js';

const leg = {
  carrierCode: 'DL',
  flightNumber: '123',
  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  departureAirport: 'ATL',
  arrivalAirport: 'LAX',
  scheduledDeparture: '2026-11-22T10:00:00.000Z',
  scheduledArrival: '2026-11-22T14:30:00.000Z',
};

/** A record as AeroAPI v4 documents it, nulls included. */
const record = (fields: Readonly<Record<string, unknown>> = {}) => ({
  ident: 'DAL123',
  ident_icao: 'DAL123',
  ident_iata: 'DL123',
  fa_flight_id: 'DAL123-1795154400-airline-0123',
  operator_iata: 'DL',
  flight_number: '123',
  codeshares_iata: ['AF3622', 'KL6034'],
  blocked: false,
  diverted: false,
  cancelled: false,
  position_only: false,
  origin: { code: 'KATL', code_iata: 'ATL', city: 'Atlanta' },
  destination: { code: 'KLAX', code_iata: 'LAX', city: 'Los Angeles' },
  departure_delay: 0,
  arrival_delay: 0,
  scheduled_out: '2026-11-22T10:00:00Z',
  estimated_out: null,
  actual_out: null,
  scheduled_off: '2026-11-22T10:10:00Z',
  estimated_off: null,
  actual_off: null,
  scheduled_on: '2026-11-22T14:20:00Z',
  estimated_on: null,
  actual_on: null,
  scheduled_in: '2026-11-22T14:30:00Z',
  estimated_in: null,
  actual_in: null,
  progress_percent: 0,
  status: 'Scheduled',
  aircraft_type: 'B739',
  gate_origin: 'A12',
  gate_destination: null,
  terminal_origin: 'S',
  terminal_destination: null,
  baggage_claim: null,
  ...fields,
});

const withVendor = async (
  check: (source: Source, vendor: VendorServer, unknown: UnknownValue[]) => Promise<void>,
): Promise<void> => {
  const vendor = await startVendor();
  const unknown: UnknownValue[] = [];
  const source = createAeroApi({
    apiKey: 'secret-key',
    clock: systemClock,
    fetch,
    onUnknown: (value) => unknown.push(value),
    baseUrl: vendor.url,
    timeoutMs: 200,
  });
  try {
    await check(source, vendor, unknown);
  } finally {
    await vendor.close();
  }
};

const answer = async (source: Source, vendor: VendorServer, ...flights: readonly unknown[]) => {
  vendor.reply = () => ({ body: { flights, links: null, num_pages: 1 } });
  const result = await source.fetch(leg);
  if (result.kind !== 'snapshot') throw new Error(result.kind);
  return result.snapshot;
};

const failure = async (promise: Promise<unknown>): Promise<SourceError> => {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, SourceError);
    return error as SourceError;
  }
  throw new Error('nothing failed');
};

test('a scheduled flight: nulls say nothing, delays are seconds and may be negative', () =>
  withVendor(async (source, vendor, unknown) => {
    const snapshot = await answer(source, vendor, record({ departure_delay: -300, arrival_delay: 1260 }));
    assert.is(snapshot.phase, 'not-departed');
    assert.equal(snapshot.values, {
      callsign: 'DAL123',
      codeshares: ['AF3622', 'KL6034'],
      scheduledDeparture: '2026-11-22T10:00:00.000Z',
      estimatedDeparture: '2026-11-22T09:55:00.000Z',
      scheduledArrival: '2026-11-22T14:30:00.000Z',
      estimatedArrival: '2026-11-22T14:51:00.000Z',
      terminal: 'S',
      gate: 'A12',
      aircraft: 'B739',
    });
    assert.equal(unknown, []);
    const [asked] = vendor.asked;
    assert.is(asked?.headers['x-apikey'], 'secret-key');
    assert.match(asked?.url ?? '', /^\/flights\/DL123\?start=2026-11-21T22%3A00%3A00Z&end=2026-11-22T22%3A00%3A00Z$/);
  }));

test('the phase comes from booleans and times, never from the free text', () =>
  withVendor(async (source, vendor) => {
    const phase = async (fields: Readonly<Record<string, unknown>>) =>
      (await answer(source, vendor, record({ status: 'En Route / Delayed', ...fields }))).phase;
    const out = { actual_out: '2026-11-22T10:03:00Z' };
    assert.is(await phase({}), 'not-departed');
    assert.is(await phase(out), 'departed');
    assert.is(await phase({ ...out, actual_on: '2026-11-22T14:20:00Z' }), 'departed');
    assert.is(await phase({ ...out, actual_in: '2026-11-22T14:31:00Z' }), 'arrived');
    assert.is(await phase({ cancelled: true }), 'cancelled');
    const noGateTimes = { scheduled_out: null, scheduled_in: null, actual_on: '2026-11-22T14:20:00Z' };
    assert.is(await phase({ ...noGateTimes, actual_off: '2026-11-22T10:12:00Z' }), 'arrived');
  }));

test('of two records that share an id after a diversion, the planned leg is ours and says where it went', () =>
  withVendor(async (source, vendor) => {
    const planned = record({ diverted: true, actual_out: '2026-11-22T10:03:00Z', actual_off: '2026-11-22T10:15:00Z' });
    const flown = record({ destination: { code: 'KPHX', code_iata: 'PHX', city: 'Phoenix' } });
    for (const flights of [
      [planned, flown],
      [flown, planned],
    ]) {
      const snapshot = await answer(source, vendor, ...flights);
      assert.is(snapshot.phase, 'diverted');
      assert.is(snapshot.values.phaseReason, 'Diverted to PHX');
    }
  }));

test('of several legs of one number, ours is told by place and time; an unknown one is unknown', () =>
  withVendor(async (source, vendor) => {
    const yesterday = record({ fa_flight_id: 'y', scheduled_out: '2026-11-21T23:30:00Z', gate_origin: 'Y1' });
    const onward = record({ fa_flight_id: 'o', origin: { code_iata: 'LAX', city: 'Los Angeles' }, gate_origin: 'O1' });
    assert.is((await answer(source, vendor, yesterday, onward, record())).values.gate, 'A12');
    vendor.reply = () => ({ body: { flights: [onward] } });
    assert.is((await source.fetch(leg)).kind, 'unknown');
    vendor.reply = () => ({ status: 404, body: { title: 'Not found' } });
    assert.is((await source.fetch(leg)).kind, 'unknown');
  }));

test('a bare number is answered with all its legs', () =>
  withVendor(async (source, vendor) => {
    const second = record({ scheduled_out: '2026-11-23T10:00:00Z', scheduled_in: '2026-11-23T14:30:00Z' });
    vendor.reply = () => ({
      body: { flights: [record(), second, record({ scheduled_out: null, scheduled_off: null })] },
    });
    const legs = await source.search({ carrierCode: 'DL', flightNumber: '123' });
    assert.equal(
      legs.map(({ scheduledDeparture }) => scheduledDeparture),
      ['2026-11-22T10:00:00.000Z', '2026-11-23T10:00:00.000Z'],
    );
    assert.is(legs[0]?.arrivalAirport, 'LAX');
  }));

test('values of an unknown kind leave the field alone and are counted', () =>
  withVendor(async (source, vendor, unknown) => {
    const odd = record({ cancelled: 'maybe', actual_out: 'soon', gate_origin: { code: 'A' }, departure_delay: '300' });
    const snapshot = await answer(source, vendor, odd);
    assert.is(snapshot.phase, 'not-departed');
    assert.is(snapshot.values.gate, undefined);
    const fields = new Set(unknown.map(({ field }) => field));
    assert.equal([...fields].sort(), ['actual_out', 'cancelled', 'departure_delay', 'gate_origin']);
  }));

test('quotas, refused keys, failures and time-outs are told apart, and no error holds the key', () =>
  withVendor(async (source, vendor) => {
    const faultOf = async (reply: VendorServer['reply']) => {
      vendor.reply = reply;
      const error = await failure(source.fetch(leg));
      assert.not.ok(`${error.stack} ${String(error.cause)}`.includes('secret-key'));
      return [error.fault, error.retryAfterMs];
    };
    const quota = { title: 'Unauthorized', reason: 'QUOTA_EXCEEDED', detail: 'over the limit', status: 401 };
    assert.equal(await faultOf(() => ({ status: 429, headers: { 'retry-after': '17' }, body: quota })), [
      'rate-limited',
      17_000,
    ]);
    assert.equal(await faultOf(() => ({ status: 401, body: quota })), ['refused', null]);
    assert.equal(await faultOf(() => ({ status: 503, headers: { 'retry-after': '5' }, body: '' })), [
      'unavailable',
      5_000,
    ]);
    assert.equal(await faultOf(() => ({ body: '<html>' })), ['unavailable', null]);
    assert.equal(await faultOf(() => ({ body: { flights: 'none' } })), ['unavailable', null]);
    assert.equal(await faultOf(() => ({})), ['unavailable', null]);
  }));

test.run();
