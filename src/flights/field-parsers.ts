// Checks of single values that callers send: one parser per fact, all faults collected. Also used for the limits of names and ids.

import type { Fault } from '../model/errors.js';
import { formatTime } from '../model/time.js';
import type { FactName } from './flight.js';
import { parsePhase, phases } from './phases.js';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string };
export type Parser<T> = (value: unknown) => Parsed<T>;

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value });
const fail = (detail: string): Parsed<never> => ({ ok: false, detail });

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

export const text =
  (maxLength: number): Parser<string> =>
  (value) => {
    if (typeof value !== 'string') return fail('must be a string');
    const trimmed = value.trim();
    if (trimmed === '' || trimmed.length > maxLength) return fail(`must have 1 to ${maxLength} characters`);
    if (controlCharacters.test(trimmed) || !trimmed.isWellFormed()) return fail('has characters that are not allowed');
    return ok(trimmed);
  };

/** A code that is written in capitals; small letters and blanks are corrected. */
const code =
  (pattern: RegExp, detail: string): Parser<string> =>
  (value) => {
    const corrected = typeof value === 'string' ? value.replaceAll(' ', '').toUpperCase() : '';
    return pattern.test(corrected) ? ok(corrected) : fail(detail);
  };

const timePattern = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** A time with seconds and offset, RFC 3339, as the same instant in UTC with milliseconds; `null` for anything else. */
export const normalTime = (value: string): string | null => {
  const match = timePattern.exec(value);
  const ms = match ? Date.parse(value.toUpperCase().replace(' ', 'T')) : Number.NaN;
  // Date.parse lets 30 February pass as 2 March.
  const dayMs = match ? Date.parse(`${match[1]}T00:00:00.000Z`) : Number.NaN;
  if (Number.isNaN(ms) || Number.isNaN(dayMs) || formatTime(dayMs).slice(0, 10) !== match?.[1]) return null;
  return ms >= 0 && ms < Date.parse('9999-01-01T00:00:00Z') ? formatTime(ms) : null;
};

export const time: Parser<string> = (value) => {
  const normal = typeof value === 'string' ? normalTime(value) : null;
  return normal === null ? fail('must be a time as in 2026-11-22T10:00:00Z (RFC 3339)') : ok(normal);
};

export const listOf =
  <T>(item: Parser<T>, maxItems: number): Parser<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > maxItems) return fail(`must be a list of at most ${maxItems}`);
    const items: T[] = [];
    for (const [index, entry] of value.entries()) {
      const parsed = item(entry);
      if (!parsed.ok) return fail(`item ${index} ${parsed.detail}`);
      items.push(parsed.value);
    }
    return ok(items);
  };

export const flag: Parser<boolean> = (value) =>
  typeof value === 'boolean' ? ok(value) : fail('must be true or false');

export const carrierCode = code(/^[A-Z0-9]{2,3}$/, 'must be an airline designator of 2 or 3 characters, such as DL');
export const flightNumber = code(/^([A-Z0-9]{2,3})?\d{1,4}[A-Z]?$/, 'must be a flight number such as 123 or DL123');
export const airport = code(/^[A-Z]{3}$/, 'must be an IATA airport code such as ATL');

const namePattern = /^[A-Za-z0-9._~:@-]{1,64}$/;
const name =
  (what: string): Parser<string> =>
  (value) =>
    typeof value === 'string' && namePattern.test(value) && value !== '.' && value !== '..'
      ? ok(value)
      : fail(`must be ${what}: 1 to 64 characters of A-Z a-z 0-9 . _ ~ : @ -`);

/** A board's name is also a stream's and stands in a comma-separated list of channels, hence the few characters. */
export const boardName = name('a board name');

/** A flight is a board of its own, so it cannot be called like the main one. */
export const flightId: Parser<string> = (value) =>
  value === 'main' ? fail('must not be main, the name of a board') : name('a flight id')(value);

const phase: Parser<string> = (value) => {
  const parsed = parsePhase(value);
  return parsed === null ? fail(`must be one of ${phases.join(', ')}`) : ok(parsed);
};

/** What may be said about a leg, by field. */
export const factParsers: { readonly [field in FactName]: Parser<unknown> } = {
  callsign: code(/^[A-Z0-9]{2,8}$/, 'must be a callsign of 2 to 8 letters and digits'),
  codeshares: listOf(code(/^[A-Z0-9]{2,3}\d{1,4}[A-Z]?$/, 'must be a flight designator such as AF3622'), 32),
  departureCity: text(100),
  arrivalCity: text(100),
  scheduledDeparture: time,
  estimatedDeparture: time,
  actualDeparture: time,
  actualOff: time,
  actualOn: time,
  scheduledArrival: time,
  estimatedArrival: time,
  actualArrival: time,
  terminal: text(16),
  gate: text(16),
  arrivalTerminal: text(16),
  arrivalGate: text(16),
  baggageBelt: text(16),
  aircraft: text(40),
  phase,
  phaseReason: text(200),
};

/** Collects values and faults of one closed object. */
export class ObjectReader {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #taken = new Set<string>();
  readonly faults: Fault[] = [];

  constructor(body: unknown) {
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    if (!isObject) this.faults.push({ at: '/', detail: 'must be a JSON object' });
    this.#members = new Map(isObject ? Object.entries(body) : []);
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  names(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** The value of a member, `undefined` when it is absent or at fault. `null` counts as absent unless `nullable` is asked for. */
  take<T>(member: string, parser: Parser<T>): T | undefined {
    this.#taken.add(member);
    const value = this.#members.get(member);
    if (value === undefined || value === null) return undefined;
    const parsed = parser(value);
    if (parsed.ok) return parsed.value;
    this.faults.push({ at: `/${member}`, detail: parsed.detail });
    return undefined;
  }

  /** Whether a member is there as `null`. */
  isNull(member: string): boolean {
    this.#taken.add(member);
    return this.#members.get(member) === null;
  }

  fault(member: string, detail: string): void {
    this.#taken.add(member);
    this.faults.push({ at: `/${member}`, detail });
  }

  /** Makes every member that nobody asked for a fault; `explain` may say more about it. */
  refuseRest(explain: (member: string) => string | null): void {
    for (const member of this.#members.keys())
      if (!this.#taken.has(member))
        this.faults.push({ at: `/${member}`, detail: explain(member) ?? 'is not known here' });
  }
}
