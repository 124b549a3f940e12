// Entity tags (RFC 9110, 8.8.3 and 13.1): a route may name its answer before it makes it, every other answer in JSON is named by its content.

import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { finishJson } from './json-answer.js';

const revalidated = 'private, no-cache';

/** Whether an `If-None-Match` header names the tag; weakly, as the header is compared. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((given) => given.trim() === '*' || opaque(given) === opaque(etag));

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/**
 * The tag of a document's state at a seq: the seq stays readable, so that it can be handed back as `If-Match` when editing. `rest` is
 * what else its representation shows.
 */
export const documentEtag = (seq: number, ...rest: readonly unknown[]): string =>
  `W/"${seq}.${createHash('sha256').update(JSON.stringify(rest)).digest('base64url').slice(0, 16)}"`;

/** For a handler that need not make its answer; typed as never being one of those that its route declares. */
export const notModified = (etag: string): never =>
  new Response(null, { status: 304, headers: { etag, 'cache-control': revalidated } }) as never;

const kept = ['etag', 'cache-control', 'vary', 'link', 'content-location', 'x-contrail-seq'] as const;

const contentTag = (text: string): string =>
  `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

/** Names the answers to GETs, and answers 304 where the client has that one. Answers that are not JSON and streams pass untouched. */
export const entityTags: MiddlewareHandler = async (context, next) => {
  const { method } = context.req;
  if (method !== 'GET' && method !== 'HEAD') return next();
  finishJson(context, contentTag);
  await next();
  const answer = context.res;
  if (answer.status !== 200 || !answer.headers.get('content-type')?.startsWith('application/json')) return;
  if (!answer.headers.has('cache-control')) answer.headers.set('cache-control', revalidated);
  if (!matchesEtag(context.req.header('if-none-match'), answer.headers.get('etag') ?? '')) return;
  const headers = new Headers();
  for (const name of kept) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  context.res = undefined;
  context.res = new Response(null, { status: 304, headers });
};
