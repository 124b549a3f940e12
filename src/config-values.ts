// How the text of an environment variable becomes a value; each throws with a sentence that says what it must be.

import { isChannelName } from './crdt/channels.js';

export type Parse<T> = (text: string) => T;

export const text: Parse<string> = (value) => value;
export const integer =
  (min: number, max: number): Parse<number> =>
  (value) => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < min || number > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return number;
  };
export const flag: Parse<boolean> = (value) => {
  if (value !== 'true' && value !== 'false') throw new Error('must be true or false');
  return value === 'true';
};
export const url: Parse<string> = (value) => {
  if (value !== '' && !/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''))
    throw new Error('must be an http or https URL');
  return value.replace(/\/+$/, '');
};
export const oneOf =
  <const T extends string>(...choices: readonly T[]): Parse<T> =>
  (value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
    return choice;
  };
export const list: Parse<readonly string[]> = (value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export const channelList: Parse<readonly string[]> = (value) => {
  const channels = value === 'none' ? [] : list(value);
  const unknown = channels.find((channel) => !isChannelName(channel));
  if (unknown !== undefined)
    throw new Error('must list flights, flights:<board>, notifications and positions, or be none');
  return channels;
};

export const MiB = 1024 * 1024;
