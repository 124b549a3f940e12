// The sources of flights that the settings ask for, and what they say that nobody here knows.

import type { Config } from './config.js';
import { createAeroApi } from './flights/sources/aeroapi.js';
import { createOpenSky } from './flights/sources/opensky.js';
import { createPushSource } from './flights/sources/push.js';
import type { ReferenceData } from './flights/sources/reference-data.js';
import { createSimulator } from './flights/sources/simulator.js';
import type { OnUnknown, Source, UnknownValue } from './flights/sources/source.js';
import type { Clock } from './model/time.js';

export interface FlightSources {
  readonly sources: readonly Source[];
  /** Who knows where aircraft are; `null` without credentials. */
  readonly positions: Source | null;
  /** How often a vendor's value was not understood, since the start. */
  readonly unknownValues: () => number;
}

/** So many different values are told; the rest are only counted. */
const maxTold = 1_000;

export const flightSources = (
  config: Config,
  {
    clock,
    reference,
    onUnknown: tell,
  }: { readonly clock: Clock; readonly reference: ReferenceData; readonly onUnknown: (unknown: UnknownValue) => void },
): FlightSources => {
  const told = new Set<string>();
  let count = 0;
  const onUnknown: OnUnknown = (unknown) => {
    count += 1;
    const key = JSON.stringify(unknown);
    if (told.has(key) || told.size >= maxTold) return;
    told.add(key);
    tell(unknown);
  };
  const remote = { clock, fetch: globalThis.fetch, onUnknown };
  const perDay = (requests: number): number | null => (requests === 0 ? null : requests);
  const simulator = createSimulator({
    seed: config.simulatorSeed,
    clock,
    reference,
    speed: config.simulatorSpeed,
    epochMs: 0,
  });
  const aeroApi = createAeroApi({
    ...remote,
    apiKey: config.aeroApiKey,
    baseUrl: config.aeroApiUrl,
    perDay: perDay(config.aeroApiPerDay),
  });
  const openSky = createOpenSky({
    ...remote,
    credentials: { clientId: config.openSkyClientId, clientSecret: config.openSkyClientSecret },
    baseUrl: config.openSkyUrl,
    tokenUrl: config.openSkyTokenUrl,
    perDay: perDay(config.openSkyPerDay),
  });
  return {
    sources: [simulator, createPushSource(clock), ...(config.aeroApiKey === '' ? [] : [aeroApi])],
    positions: config.openSkyClientId === '' ? null : openSky,
    unknownValues: () => count,
  };
};
