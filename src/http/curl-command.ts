// Examples as text: the curl command of one, and what it answers.

import { type Example, type Shown, varies } from './api-examples.js';

/** As much of a route as a command needs. */
export interface Callable {
  readonly method: string;
  readonly path: string;
}

/** Where the examples' server is unless somebody says otherwise. */
export const exampleOrigin = 'http://127.0.0.1:1234';

/** The command as one types it into a shell; the variables in it are those that earlier examples keep. */
export const curlCommand = ({ method, path }: Callable, example: Example, origin = exampleOrigin): string => {
  const filled = path.replaceAll(/\{(.+?)\}/g, (_, name: string) => encoded(example.path?.[name] ?? ''));
  const isPost = method.toUpperCase() === 'POST' && example.body !== undefined;
  const headers = {
    ...(path.startsWith('/api/') ? { 'X-User-Id': 'alice' } : {}),
    ...(example.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...example.headers,
  };
  return [
    'curl',
    ...(method.toUpperCase() === 'GET' || isPost ? [] : ['-X', method.toUpperCase()]),
    quoted(`${origin}${filled}${example.query === undefined ? '' : `?${example.query}`}`),
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', quoted(`${name}: ${value}`)]),
    ...(example.body === undefined ? [] : ['-d', quoted(JSON.stringify(example.body))]),
  ].join(' ');
};

/** Status and the members worth showing: `200 {"seq":…, …}`. */
export const shownAnswer = ({ status, answer }: Example): string =>
  answer === undefined ? String(status) : `${status} ${typeof answer === 'string' ? answer : shown(answer)}`;

const shown = (value: Shown): string => {
  if (value === varies) return '…';
  if (Array.isArray(value)) return `[${(value as readonly Shown[]).map(shown).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}: ${shown(each)}`)
    .join(', ')}, …}`;
};

const encoded = (value: string): string => (value.startsWith('$') ? value : encodeURIComponent(value));

/** Single quotes, unless a variable is to be put in. */
const quoted = (text: string): string =>
  /\$[A-Z]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `'${text.replaceAll("'", "'\\''")}'`;
