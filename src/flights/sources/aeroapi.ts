// FlightAware AeroAPI v4 as a source: `GET /flights/{ident}` with the header `x-apikey`
// (https://www.flightaware.com/aeroapi/portal/documentation). Its `status` is free text, so booleans and times decide; its delays are
// seconds; it cannot tell boarding; after a diversion two records share one `fa_flight_id`, the diverted one and the one flown instead.

import type { Clock } from '../../model/time.js';
import type { FeedValues, SeenPhase, Snapshot } from '../feed.js';
import { normalTime } from '../field-parsers.js';
import type { Leg } from '../flight.js';
import { designator, fitsQuery, type LegQuery } from '../legs.js';
import { defaultTimeoutMs, type Fetch, requestJson } from './http-request.js';
import { describeUnknown, type FetchResult, type OnUnknown, type Source, SourceError } from './source.js';

export interface AeroApiOptions {
  readonly apiKey: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly onUnknown: OnUnknown;
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
  readonly perDay?: number | null;
}

const name = 'aeroapi';
/** A record is of another leg when its departure is further from ours than this. */
const sameDepartureMs = 12 * 3_600_000;

type VendorRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is VendorRecord => typeof value === 'object' && value !== null;

/** Reads single fields of a record; a value of the wrong type counts as absent and is reported. */
class RecordReader {
  readonly #record: VendorRecord;
  readonly #onUnknown: OnUnknown;

  constructor(record: VendorRecord, onUnknown: OnUnknown) {
    this.#record = record;
    this.#onUnknown = onUnknown;
  }

  #read<T>(field: string, check: (value: unknown) => T | null): T | undefined {
    const value = this.#record[field];
    if (value === undefined || value === null || value === '') return undefined;
    const checked = check(value);
    if (checked === null) this.#onUnknown(describeUnknown(name, field, value));
    return checked ?? undefined;
  }

  time(field: string): string | undefined {
    return this.#read(field, (value) => (typeof value === 'string' ? normalTime(value) : null));
  }

  text(field: string): string | undefined {
    return this.#read(field, (value) => {
      const trimmed = typeof value === 'string' ? value.trim() : '';
      return trimmed !== '' && trimmed.length <= 40 ? trimmed : null;
    });
  }

  seconds(field: string): number | undefined {
    return this.#read(field, (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));
  }

  isTrue(field: string): boolean {
    return this.#read(field, (value) => (typeof value === 'boolean' ? value : null)) ?? false;
  }

  texts(field: string): readonly string[] | undefined {
    return this.#read(field, (value) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as string[]).slice(0, 32) : null,
    );
  }

  place(field: string): { readonly airport: string | undefined; readonly city: string | undefined } {
    const value = this.#record[field];
    const place = isRecord(value) ? value : {};
    const text = (member: unknown) => (typeof member === 'string' && member.trim() !== '' ? member.trim() : undefined);
    return { airport: text(place['code_iata']), city: text(place['city']) };
  }
}

const plusSeconds = (time: string | undefined, seconds: number | undefined): string | undefined =>
  time === undefined || seconds === undefined ? undefined : new Date(Date.parse(time) + seconds * 1000).toISOString();

const phaseOf = (read: RecordReader): SeenPhase => {
  if (read.isTrue('diverted')) return 'diverted';
  if (read.isTrue('cancelled')) return 'cancelled';
  const gateTimes = read.time('scheduled_in') ?? read.time('estimated_in');
  if (read.time('actual_in') !== undefined) return 'arrived';
  // Without gate times at all, touch-down is the last that will be heard.
  if (read.time('actual_on') !== undefined && gateTimes === undefined) return 'arrived';
  return (read.time('actual_out') ?? read.time('actual_off')) ? 'departed' : 'not-departed';
};

const defined = (values: { readonly [field in keyof FeedValues]: FeedValues[field] | undefined }): FeedValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as FeedValues;

/** One record in the project's words. Exported for tests. */
export const snapshotOf = (record: VendorRecord, observedAt: number, onUnknown: OnUnknown): Snapshot => {
  const read = new RecordReader(record, onUnknown);
  const scheduledDeparture = read.time('scheduled_out') ?? read.time('scheduled_off');
  const scheduledArrival = read.time('scheduled_in') ?? read.time('scheduled_on');
  return {
    observedAt,
    phase: phaseOf(read),
    values: defined({
      callsign: read.text('ident_icao'),
      codeshares: read.texts('codeshares_iata'),
      scheduledDeparture,
      estimatedDeparture:
        read.time('estimated_out') ?? plusSeconds(scheduledDeparture, read.seconds('departure_delay')),
      actualDeparture: read.time('actual_out'),
      actualOff: read.time('actual_off'),
      scheduledArrival,
      estimatedArrival: read.time('estimated_in') ?? plusSeconds(scheduledArrival, read.seconds('arrival_delay')),
      actualOn: read.time('actual_on'),
      actualArrival: read.time('actual_in'),
      terminal: read.text('terminal_origin'),
      gate: read.text('gate_origin'),
      arrivalTerminal: read.text('terminal_destination'),
      arrivalGate: read.text('gate_destination'),
      baggageBelt: read.text('baggage_claim'),
      aircraft: read.text('aircraft_type'),
    }),
  };
};

const legOf = (record: VendorRecord, query: LegQuery, onUnknown: OnUnknown): Leg | null => {
  const read = new RecordReader(record, onUnknown);
  const [from, to] = [read.place('origin'), read.place('destination')];
  const scheduledDeparture = read.time('scheduled_out') ?? read.time('scheduled_off');
  const scheduledArrival = read.time('scheduled_in') ?? read.time('scheduled_on');
  const [departureCity, arrivalCity] = [from.city ?? from.airport, to.city ?? to.airport];
  if (!scheduledDeparture || !scheduledArrival || !departureCity || !arrivalCity) return null;
  const { carrierCode, flightNumber } = query;
  return {
    carrierCode,
    flightNumber,
    departureCity,
    arrivalCity,
    ...(from.airport === undefined ? {} : { departureAirport: from.airport }),
    ...(to.airport === undefined ? {} : { arrivalAirport: to.airport }),
    scheduledDeparture,
    scheduledArrival,
  };
};

/** The record of our leg, and where it went instead when it was diverted. */
const findRecord = (
  records: readonly VendorRecord[],
  leg: Leg,
): { readonly record: VendorRecord; readonly instead: string | undefined } | null => {
  const silent: OnUnknown = () => undefined;
  const distance = (record: VendorRecord): number => {
    const read = new RecordReader(record, silent);
    const departure = read.time('scheduled_out') ?? read.time('scheduled_off');
    return departure === undefined ? 0 : Math.abs(Date.parse(departure) - Date.parse(leg.scheduledDeparture));
  };
  const candidates = records.filter((record) => {
    const read = new RecordReader(record, silent);
    const [from, to] = [read.place('origin').airport, read.place('destination').airport];
    const fits = (ours: string | undefined, theirs: string | undefined) => !ours || !theirs || ours === theirs;
    const places = fits(leg.departureAirport, from) && fits(leg.arrivalAirport, to);
    return places && distance(record) <= sameDepartureMs;
  });
  // Of two records with one id the diverted one is the leg as it was planned.
  const byRelevance = (a: VendorRecord, b: VendorRecord): number =>
    Number(b['diverted'] === true) - Number(a['diverted'] === true);
  const sharesId = (a: VendorRecord, b: VendorRecord): boolean =>
    typeof a['fa_flight_id'] === 'string' && a['fa_flight_id'] === b['fa_flight_id'];
  const [record] = candidates.sort((a, b) => (sharesId(a, b) ? byRelevance(a, b) : distance(a) - distance(b)));
  if (record === undefined) return null;
  const flown = records.find((other) => other !== record && sharesId(other, record) && other['diverted'] !== true);
  const place = flown && new RecordReader(flown, silent).place('destination');
  return { record, instead: record['diverted'] === true ? (place?.airport ?? place?.city) : undefined };
};

export const createAeroApi = (options: AeroApiOptions): Source => {
  const { apiKey, clock, fetch, onUnknown, timeoutMs = defaultTimeoutMs, perDay = null } = options;
  const baseUrl = options.baseUrl ?? 'https://aeroapi.flightaware.com/aeroapi';

  const ask = async (query: LegQuery): Promise<readonly VendorRecord[]> => {
    const url = new URL(`${baseUrl}/flights/${encodeURIComponent(designator(query))}`);
    if (query.scheduledDeparture !== undefined) {
      const departure = Date.parse(query.scheduledDeparture);
      const bound = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
      url.searchParams.set('start', bound(departure - sameDepartureMs));
      url.searchParams.set('end', bound(departure + sameDepartureMs));
    }
    const init = { headers: { 'x-apikey': apiKey, accept: 'application/json' } };
    const { status, body } = await requestJson({ fetch, clock, timeoutMs }, url.href, init);
    if (status >= 400) return [];
    const flights = isRecord(body) ? body['flights'] : undefined;
    if (!Array.isArray(flights)) throw new SourceError('unavailable', 'the answer has no list of flights');
    return flights.filter(isRecord);
  };

  return {
    name,
    capabilities: { polled: true, positions: false, speed: 1 },
    budget: { perDay },
    now: () => clock.now(),
    positions: async () => [],
    async fetch(leg): Promise<FetchResult> {
      // AeroAPI gives no time of change: what it says is as old as the question.
      const askedAt = clock.now();
      const found = findRecord(await ask(leg), leg);
      if (found === null) return { kind: 'unknown' };
      const snapshot = snapshotOf(found.record, askedAt, onUnknown);
      if (found.instead === undefined) return { kind: 'snapshot', snapshot };
      const phaseReason = `Diverted to ${found.instead}`;
      return { kind: 'snapshot', snapshot: { ...snapshot, values: { ...snapshot.values, phaseReason } } };
    },
    async search(query) {
      const legs = (await ask(query)).map((record) => legOf(record, query, onUnknown));
      return legs.filter((leg) => leg !== null && fitsQuery(query, leg)) as Leg[];
    },
  };
};
