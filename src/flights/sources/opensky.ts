// The OpenSky Network as a source of positions: `GET /states/all?icao24=` with OAuth2 client credentials
// (https://openskynetwork.github.io/opensky-api/rest.html). It knows nothing of flights, gates or times. Positions are handed out and
// never logged.

import type { Clock } from '../../model/time.js';
import { type Answer, defaultTimeoutMs, type Fetch, requestJson } from './http-request.js';
import { describeUnknown, type OnUnknown, type Position, type Source, SourceError } from './source.js';

export interface OpenSkyOptions {
  /** `null` asks anonymously, with OpenSky's smaller quota. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string } | null;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly onUnknown: OnUnknown;
  readonly baseUrl?: string;
  readonly tokenUrl?: string;
  readonly timeoutMs?: number;
  readonly perDay?: number | null;
}

const name = 'opensky';
/** A token is renewed this long before it expires, so that no request leaves with one that dies on the way. */
const tokenMarginMs = 30_000;

/** Indices in a state vector. */
const vector = {
  icao24: 0,
  callsign: 1,
  timePosition: 3,
  lastContact: 4,
  longitude: 5,
  latitude: 6,
  altitude: 7,
  onGround: 8,
  velocity: 9,
  track: 10,
} as const;

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A state vector in the project's words; `null` when it has no position. Exported for tests. */
export const positionOf = (state: unknown, onUnknown: OnUnknown): Position | null => {
  if (!Array.isArray(state) || typeof state[vector.icao24] !== 'string') {
    onUnknown(describeUnknown(name, 'state', Array.isArray(state) ? state[vector.icao24] : state));
    return null;
  }
  const longitude = numberOf(state[vector.longitude]);
  const latitude = numberOf(state[vector.latitude]);
  if (longitude === null || latitude === null) return null;
  const callsign: unknown = state[vector.callsign];
  const seconds = numberOf(state[vector.timePosition]) ?? numberOf(state[vector.lastContact]) ?? 0;
  return {
    icao24: state[vector.icao24].trim().toLowerCase(),
    callsign: typeof callsign === 'string' && callsign.trim() !== '' ? callsign.trim() : null,
    longitude,
    latitude,
    altitudeM: numberOf(state[vector.altitude]),
    onGround: state[vector.onGround] === true,
    speedMps: numberOf(state[vector.velocity]),
    trackDegrees: numberOf(state[vector.track]),
    at: seconds * 1000,
  };
};

export const createOpenSky = (options: OpenSkyOptions): Source => {
  const { credentials, clock, fetch, onUnknown, timeoutMs = defaultTimeoutMs, perDay = null } = options;
  const baseUrl = options.baseUrl ?? 'https://opensky-network.org/api';
  const tokenUrl =
    options.tokenUrl ?? 'https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token';
  const requester = { fetch, clock, timeoutMs };
  let token: { readonly value: string; readonly expiresAt: number } | null = null;

  const newToken = async ({ clientId, clientSecret }: NonNullable<typeof credentials>): Promise<string> => {
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const { status, body } = await requestJson(requester, tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    const answer = (body ?? {}) as Readonly<Record<string, unknown>>;
    const value = answer['access_token'];
    if (status >= 400 || typeof value !== 'string') throw new SourceError('refused', 'no token for these credentials');
    const lifeMs = (numberOf(answer['expires_in']) ?? 60) * 1000;
    token = { value, expiresAt: clock.now() + lifeMs };
    return value;
  };

  const authorization = async (): Promise<Record<string, string>> => {
    if (credentials === null) return {};
    const valid = token !== null && token.expiresAt - tokenMarginMs > clock.now() ? token.value : null;
    return { authorization: `Bearer ${valid ?? (await newToken(credentials))}` };
  };

  const ask = async (url: string): Promise<Answer> => {
    const hadToken = token !== null;
    try {
      return await requestJson(requester, url, { headers: await authorization() });
    } catch (error) {
      // A token may be revoked before its time: once, ask for a new one.
      if (!hadToken || !(error instanceof SourceError) || error.fault !== 'refused') throw error;
      token = null;
      return requestJson(requester, url, { headers: await authorization() });
    }
  };

  return {
    name,
    capabilities: { polled: false, positions: true, speed: 1 },
    budget: { perDay },
    now: () => clock.now(),
    fetch: async () => ({ kind: 'unknown' }),
    search: async () => [],
    async positions(icao24s) {
      if (icao24s.length === 0) return [];
      const url = new URL(`${baseUrl}/states/all`);
      for (const icao24 of icao24s) url.searchParams.append('icao24', icao24.toLowerCase());
      const { status, body } = await ask(url.href);
      if (status >= 400) throw new SourceError('unavailable', `the source answered ${status}`);
      // `states` is null when none of the aircraft is in the air.
      const states = ((body ?? {}) as Readonly<Record<string, unknown>>)['states'] ?? [];
      if (!Array.isArray(states)) throw new SourceError('unavailable', 'the answer has no list of states');
      return states.map((state) => positionOf(state, onUnknown)).filter((position) => position !== null);
    },
  };
};
