// Opaque positions in lists: a client hands back what it got, and nothing in it is to be understood.

import { ContrailError } from '../model/errors.js';

export const encodeCursor = (position: number): string => Buffer.from(String(position)).toString('base64url');

/** The position of a cursor; throws `bad-request` for anything that `encodeCursor` did not make. */
export const decodeCursor = (cursor: string): number => {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^\d{1,16}$/.test(text))
    throw new ContrailError('bad-request', 'The cursor was not made by this list.', {
      faults: [{ at: '?next', detail: 'was not made by this list' }],
    });
  return Number(text);
};

/** A `Link` header to the next page of the same request. */
export const nextLink = (url: string, next: string): string => {
  const { pathname, searchParams } = new URL(url);
  searchParams.set('next', next);
  return `<${pathname}?${searchParams}>; rel="next"`;
};
