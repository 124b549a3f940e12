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

export interface FlightSourceParts {
  readonly clock: Clock;
  readonly reference: ReferenceData;
  /** The newest word of the simulator on a flight that is still under way, Unix ms; `null` without one. */
  readonly simulatedUntil: number | null;
  readonly onUnknown: (unknown: UnknownValue) => void;
}

/**
 * Where simulated and real time agree. The simulation begins at the present, or, for flights do not go back, where those still under way
 * were left.
 */
const simulatorEpoch = (now: number, { simulatorSpeed }: Config, until: number | null): number =>
  until === null || simulatorSpeed === 1 ? now : now - Math.max(0, until - now) / (simulatorSpeed - 1);

/** So many different values are told; the rest are only counted. */
const maxTold = 1_000;

export const flightSources = (
  config: Config,
  { clock, reference, simulatedUntil, onUnknown: tell }: FlightSourceParts,
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
    epochMs: simulatorEpoch(clock.now(), config, simulatedUntil),
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
