// Airports and airlines that make simulated flights look real (data/samples). The simulator works without them.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Airport {
  readonly iata: string;
  readonly city: string;
  /** ISO 3166-1, two letters. */
  readonly country: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

export interface Airline {
  readonly iata: string;
  readonly icao: string;
  readonly name: string;
}

export interface ReferenceData {
  readonly airports: readonly Airport[];
  readonly airlines: readonly Airline[];
}

export const noReferenceData: ReferenceData = { airports: [], airlines: [] };

const readList = async <T>(path: string): Promise<readonly T[]> => JSON.parse(await readFile(path, 'utf8')) as T[];

/** Reads `airports.json` and `airlines.json` of a directory. Our own files, so their shape is trusted. */
export const readReferenceData = async (directory: string): Promise<ReferenceData> => ({
  airports: await readList<Airport>(join(directory, 'airports.json')),
  airlines: await readList<Airline>(join(directory, 'airlines.json')),
});

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance. */
export const distanceKm = (a: Airport, b: Airport): number => {
  const [latA, latB] = [radians(a.latitude), radians(b.latitude)];
  const half =
    Math.sin((latB - latA) / 2) ** 2 +
    Math.cos(latA) * Math.cos(latB) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(half));
};
