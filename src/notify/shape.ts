// Checks of values that come from outside: each check lists all faults it finds instead of stopping at the first.
// Small on purpose: closed objects and the few primitives that notifications are made of, not a schema language.

import { ContrailError, type Fault } from '../model/errors.js';

/** Adds what is wrong with `value`, which stands at `at` (a JSON Pointer), to `faults`. */
export type Check = (value: unknown, at: string, faults: Fault[]) => void;

export interface Member {
  readonly check: Check;
  readonly required: boolean;
}
export const required = (check: Check): Member => ({ check, required: true });
export const optional = (check: Check): Member => ({ check, required: false });

export type RecordOfUnknown = Readonly<Record<string, unknown>>;
export const isRecord = (value: unknown): value is RecordOfUnknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** An object with these members and no others. A member that is `undefined` counts as absent. */
export const closed =
  (members: Readonly<Record<string, Member>>): Check =>
  (value, at, faults) => {
    if (!isRecord(value)) {
      faults.push({ at, detail: 'must be an object' });
      return;
    }
    for (const [name, member] of Object.entries(members)) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined) member.check(given, `${at}/${name}`, faults);
      else if (member.required) faults.push({ at: `${at}/${name}`, detail: 'is missing' });
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(members, name)) faults.push({ at: `${at}/${escapePointer(name)}`, detail: 'is not a member' });
    }
  };

/** Text of 1 to `maxLength` UTF-16 units that can be written as UTF-8. */
export const text =
  (maxLength: number): Check =>
  (value, at, faults) => {
    if (typeof value !== 'string') faults.push({ at, detail: 'must be a string' });
    else if (value.trim() === '') faults.push({ at, detail: 'must not be empty' });
    else if (value.length > maxLength) faults.push({ at, detail: `must have at most ${maxLength} characters` });
    else if (!value.isWellFormed()) faults.push({ at, detail: 'must be well-formed Unicode' });
  };

export const oneOf =
  (values: readonly string[]): Check =>
  (value, at, faults) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      faults.push({ at, detail: `must be one of ${values.join(', ')}` });
    }
  };

export const whole =
  (minimum: number, maximum: number): Check =>
  (value, at, faults) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
      faults.push({ at, detail: `must be a whole number from ${minimum} to ${maximum}` });
    }
  };

export const flag: Check = (value, at, faults) => {
  if (typeof value !== 'boolean') faults.push({ at, detail: 'must be true or false' });
};

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the calendar has this day: `Date.parse` alone turns 31 February into March. */
const isDay = (text: string): boolean => {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text.slice(0, 10);
};

/** RFC 3339 with an offset, as Unix ms; `null` when it is something else. */
export const parseTime = (value: unknown): number | null => {
  if (typeof value !== 'string' || !timePattern.test(value) || !isDay(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
};

export const time: Check = (value, at, faults) => {
  if (parseTime(value) === null) faults.push({ at, detail: 'must be a time such as 2026-11-22T08:30:00.000Z' });
};

export const dayOrTime: Check = (value, at, faults) => {
  const isDate = typeof value === 'string' && datePattern.test(value) && isDay(value);
  if (!isDate && parseTime(value) === null) faults.push({ at, detail: 'must be a date such as 2026-11-22, or a time' });
};

/** Throws a `bad-request` that lists all of `faults`, if there are any. */
export const rejectFaults = (faults: readonly Fault[]): void => {
  if (faults.length === 0) return;
  const detail = faults.length === 1 ? 'There is one fault.' : `There are ${faults.length} faults.`;
  throw new ContrailError('bad-request', detail, { faults });
};
