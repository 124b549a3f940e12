// Opaque positions in lists: a client hands back what it got, and nothing in it is to be understood.

import { ContrailError } from '../model/errors.js';

export const encodeCursor = (position: number): string => Buffer.from(String(position)).toString('base64url');

/** The position of a cursor; throws `bad-request` for anything that `encodeCursor` did not make. */
export const decodeCursor = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^\d{1,16}$/.test(text)) throw foreign();
  return Number(text);
};

const foreign = (): ContrailError =>
  new ContrailError('bad-request', 'The cursor was not made by this list.', {
    faults: [{ at: '?next', detail: 'was not made by this list' }],
  });

export const encodeKey = (key: string): string => Buffer.from(key).toString('base64url');

/** The key of a cursor; throws `bad-request` for anything that `encodeKey` did not make. */
export const decodeKey = (cursor: string): string => {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (!/^\P{C}+$/u.test(key) || encodeKey(key) !== cursor) throw foreign();
  return key;
};

/**
 * A page of a list that is all in memory. `keyOf` names an item's place: unique, and compared as text. Who comes or goes between two pages moves
 * nobody else from one to the other.
 */
export const pageByKey = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { limit, next }: { readonly limit: number; readonly next?: string | undefined },
): { readonly items: Item[]; readonly next: string | null } => {
  const after = next === undefined ? '' : decodeKey(next);
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(({ item }) => item), next: last && rest.length > limit ? encodeKey(last.key) : null };
};

/** A `Link` header to the next page of the same request. */
export const nextLink = (url: string, next: string): string => {
  const { pathname, searchParams } = new URL(url);
  searchParams.set('next', next);
  return `<${pathname}?${searchParams}>; rel="next"`;
};
