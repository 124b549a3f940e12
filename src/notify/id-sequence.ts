// Ids that sort by time, as text: ULID (github.com/ulid/spec): 48 bits of Unix ms and 80 of chance, in Crockford's base 32.
// A sequence never goes back: within one millisecond, after a step of the clock, and after a restart (`last` is the newest stored id)
// the next id is the last one plus one. So order by id is the order of sending, which paging and `upTo` build on.

import type { Clock, Random } from '../model/time.js';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeLength = 10;
const chanceLength = 16;
const pattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const isNotificationId = (text: string): boolean => pattern.test(text);

/** The Unix ms in an id: the notification's `createdAt`. */
export const timeOfId = (id: string): number => {
  let ms = 0;
  for (const digit of id.slice(0, timeLength)) ms = ms * 32 + digits.indexOf(digit);
  return ms;
};

const encodeTime = (ms: number): string => {
  let text = '';
  for (let rest = ms; text.length < timeLength; rest = Math.floor(rest / 32)) text = digits.charAt(rest % 32) + text;
  return text;
};

const encodeChance = (random: Random): string => {
  let text = '';
  while (text.length < chanceLength) text += digits.charAt(Math.floor(random() * 32));
  return text;
};

/** The id after `id`, with a carry into the time when the chance is used up. */
const successor = (id: string): string => {
  const cells = [...id];
  for (let place = cells.length - 1; place >= 0; place--) {
    const value = digits.indexOf(cells[place] ?? '');
    cells[place] = digits.charAt((value + 1) % 32);
    if (value < 31) break;
  }
  return cells.join('');
};

/** Returns a function that makes the next id. Call it in the same turn as the commit, so that ids and log have one order. */
export const createIdSequence = (clock: Clock, random: Random, last: string | null): (() => string) => {
  let newest = last ?? '';
  return () => {
    const time = encodeTime(clock.now());
    newest = newest !== '' && time <= newest.slice(0, timeLength) ? successor(newest) : time + encodeChance(random);
    return newest;
  };
};
