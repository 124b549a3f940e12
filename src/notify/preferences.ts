// What a person wants to be told: muted types, a minimum priority, quiet hours; for everything, and differently by type.
// Whether one notification is kept back is decided when it is sent, and the reason recorded. Urgent ones always arrive.

import type { Fault } from '../model/errors.js';
import type { Json } from '../model/json.js';
import {
  type NotificationType,
  notificationTypes,
  type Priority,
  priorities,
  rankOf,
  type Suppression,
  urgentRank,
} from './notification.js';
import { type Check, closed, flag, isRecord, oneOf, optional, rejectFaults, required } from './shape.js';

/** From `from` until just before `to`, in local time of `timeZone` (IANA, default UTC); over midnight when `to` comes first. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
  readonly timeZone?: string;
}
export interface Rule {
  readonly muted?: boolean;
  readonly minimumPriority?: Priority;
  /** `null` switches the general quiet hours off for a type. */
  readonly quietHours?: QuietHours | null;
}
/** The rule for everything, and by type whatever differs from it. */
export interface Preferences extends Rule {
  readonly types?: Readonly<Partial<Record<NotificationType, Rule>>>;
}

/** A rule as it is applied and stored: nothing optional, times as minutes of the day. */
export interface FullRule {
  readonly muted: boolean;
  readonly minimumRank: number;
  readonly quiet: { readonly fromMinute: number; readonly toMinute: number; readonly timeZone: string } | null;
}

const timeOfDay: Check = (value, at, faults) => {
  if (typeof value !== 'string' || !/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) {
    faults.push({ at, detail: 'must be a time of day such as 22:00' });
  }
};

const isTimeZone = (value: unknown): boolean => {
  if (typeof value !== 'string' || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false; // the only way to ask: an unknown zone throws a RangeError
  }
};

const timeZone: Check = (value, at, faults) => {
  if (!isTimeZone(value)) faults.push({ at, detail: 'must be an IANA time zone such as Europe/Berlin' });
};

const hoursMembers = closed({ from: required(timeOfDay), to: required(timeOfDay), timeZone: optional(timeZone) });
const quietHours: Check = (value, at, faults) => {
  if (value === null) return;
  hoursMembers(value, at, faults);
  if (isRecord(value) && value['from'] !== undefined && value['from'] === value['to']) {
    faults.push({ at: `${at}/to`, detail: 'must differ from the beginning; use muted for the whole day' });
  }
};
const ruleMembers = {
  muted: optional(flag),
  minimumPriority: optional(oneOf(priorities)),
  quietHours: optional(quietHours),
};
const preferencesCheck = closed({
  ...ruleMembers,
  types: optional(closed(Object.fromEntries(notificationTypes.map((type) => [type, optional(closed(ruleMembers))])))),
});

/** Throws `bad-request` with every fault. */
export const parsePreferences = (body: Preferences | Json): Preferences => {
  const faults: Fault[] = [];
  preferencesCheck(body, '', faults);
  rejectFaults(faults);
  return JSON.parse(JSON.stringify(body)) as Preferences;
};

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** The rule for one type: its own members, else the general ones, else nothing is kept back. */
export const ruleFor = (preferences: Preferences, type: NotificationType): FullRule => {
  const rule: Rule = { ...preferences, ...preferences.types?.[type] };
  const hours = rule.quietHours ?? null;
  return {
    muted: rule.muted ?? false,
    minimumRank: rankOf(rule.minimumPriority ?? 'low'),
    quiet: hours && {
      fromMinute: minuteOf(hours.from),
      toMinute: minuteOf(hours.to),
      timeZone: hours.timeZone ?? 'UTC',
    },
  };
};

export const restricts = (rule: FullRule): boolean => rule.muted || rule.minimumRank > 0 || rule.quiet !== null;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minute of the day (0 to 1439) in a time zone. */
export const localMinute = (zone: string, now: number): number => {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formats.set(zone, format);
  }
  return minuteOf(format.format(now));
};

/** Why a notification of this rank is kept back at `now`; `null` when it arrives. SQL for broadcasts says the same (sql/audience). */
export const suppressionOf = (rule: FullRule, rank: number, now: number): Suppression | null => {
  if (rank >= urgentRank) return null;
  if (rule.muted) return 'muted';
  if (rank < rule.minimumRank) return 'priority';
  if (rule.quiet === null) return null;
  const { fromMinute, toMinute, timeZone: zone } = rule.quiet;
  const minute = localMinute(zone, now);
  const isQuiet =
    fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
  return isQuiet ? 'quiet-hours' : null;
};
