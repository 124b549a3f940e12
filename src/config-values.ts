// How the text of an environment variable becomes a value; each throws with a sentence that says what it must be.

import { isIP } from 'node:net';
import { isChannelName } from './crdt/channels.js';
import { eventKinds } from './model/events.js';

export type Parse<T> = (text: string) => T;

export interface Setting<T> {
  readonly env: string;
  readonly parse: Parse<T>;
  readonly fallback: string;
  readonly sentence: string;
  /** Its value is never shown, not even when it is wrong. */
  readonly secret?: boolean;
}

export const setting = <T>(env: string, parse: Parse<T>, fallback: string, sentence: string): Setting<T> => ({
  env,
  parse,
  fallback,
  sentence,
});

export const hidden = <T>(of: Setting<T>): Setting<T> => ({ ...of, secret: true });

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
/** A URL kept as it is, since a slash more or less may be another receiver. */
export const webhookUrl: Parse<string> = (value) => {
  if (value === '') return value;
  const { protocol, username, password } = URL.parse(value) ?? { protocol: '', username: '', password: '' };
  if (!/^https?:$/.test(protocol)) throw new Error('must be an http or https URL');
  if (username !== '' || password !== '') throw new Error('must hold no user and password');
  return value;
};

/** Standard Webhooks: `whsec_` and 24 to 64 bytes as base64; several while they are changed over. */
export const webhookSecrets: Parse<readonly string[]> = (value) => {
  const secrets = list(value);
  for (const secret of secrets) {
    const encoded = secret.replace(/^whsec_/, '');
    const bytes = Buffer.from(encoded, 'base64');
    const isBase64 = bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
    if (!isBase64 || bytes.length < 24 || bytes.length > 64)
      throw new Error('must be whsec_ and 24 to 64 random bytes as base64, or several of these, comma-separated');
  }
  return secrets;
};

export const kindList: Parse<readonly string[]> = (value) => {
  const known: readonly string[] = Object.values(eventKinds).flat();
  const kinds = list(value);
  const unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown !== undefined) throw new Error(`must list kinds of events; "${unknown}" is none`);
  return kinds;
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

/** Addresses and ranges of addresses, `10.0.0.0/8` say. */
export const addressList: Parse<readonly string[]> = (value) => {
  const addresses = list(value);
  const wrong = addresses.find((address) => !isAddressRange(address));
  if (wrong !== undefined) throw new Error(`must list IP addresses and CIDR ranges; "${wrong}" is neither`);
  return addresses;
};

const isAddressRange = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return most > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
};

export const channelList: Parse<readonly string[]> = (value) => {
  const channels = value === 'none' ? [] : list(value);
  const unknown = channels.find((channel) => !isChannelName(channel));
  if (unknown !== undefined)
    throw new Error('must list flights, flights:<board>, notifications and positions, or be none');
  return channels;
};

export const MiB = 1024 * 1024;
