// Checks a request against what its route declares, before the handler sees it: media types first, then parameters, headers and body at
// once, so that one 400 lists every fault. What a route does not declare is refused: it would be ignored in silence.

import type { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { ContrailError, type Fault } from '../model/errors.js';
import { badRequest, faultsOf } from './checked.js';

export interface DeclaredRequest {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly headers: z.ZodType | null;
  /** Bodies are JSON. */
  readonly body: { readonly schema: z.ZodType; readonly required: boolean } | null;
  /** Media types of the answers; empty when they have no content. */
  readonly produces: readonly string[];
}

type Target = 'param' | 'query' | 'header' | 'json';

const jsonType = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
/** Deeper values cannot be kept: a Yjs update may nest 64 deep (docs/wire.md). */
const maxDepth = 128;
const noBytes = new Uint8Array(0);
const utf8 = new TextDecoder('utf-8', { fatal: true });

export const checkRequest =
  ({ params, query, headers, body, produces }: DeclaredRequest): MiddlewareHandler =>
  async (context, next) => {
    assertAcceptable(context.req.header('accept'), produces);
    const bytes = await bytesOf(context);
    if (bytes.length > 0) assertJson(context.req.header('content-type'));
    const faults: Fault[] = [];
    const check = (target: Target, schema: z.ZodType, value: unknown, at: (path: readonly PropertyKey[]) => string) => {
      const result = schema.safeParse(value);
      if (result.success) context.req.addValidatedData(target, result.data as object);
      else faults.push(...faultsOf(result.error, at));
    };
    check('param', params, context.req.param(), (path) => `:${path.map(String).join('/')}`);
    check('query', query, queryOf(context), (path) => `?${path.map(String).join('/')}`);
    if (headers) check('header', headers, context.req.header(), (path) => `header ${path.map(String).join('/')}`);
    const given = bodyOf(bytes);
    if (!given.ok) faults.push(given.fault);
    else if (body && (given.value !== undefined || body.required))
      check('json', body.schema, given.value, (path) => `/${path.map(String).join('/')}`);
    else if (body) context.req.addValidatedData('json', {});
    else if (given.value !== undefined && !isEmptyObject(given.value))
      faults.push({ at: '/', detail: 'this route takes no body' });
    if (faults.length > 0) throw badRequest(faults);
    await next();
  };

/** Of a GET no body is read: none has a meaning, and asking for it makes the server build a whole Web request. */
const bytesOf = async ({ req }: Context): Promise<Uint8Array> =>
  req.method === 'GET' || req.method === 'HEAD' ? noBytes : new Uint8Array(await req.arrayBuffer());

/** A parameter that comes twice is a list, which no route takes. */
const queryOf = (context: Context): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? (values[0] ?? '') : values,
    ]),
  );

const bodyOf = (
  bytes: Uint8Array,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly fault: Fault } => {
  if (bytes.length === 0) return { ok: true, value: undefined };
  const fault = (detail: string) => ({ ok: false, fault: { at: '/', detail } }) as const;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return fault('is not UTF-8');
  }
  if (text.trim() === '') return { ok: true, value: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault('is not JSON');
  }
  const flaw = flawOf(value);
  return flaw === null ? { ok: true, value } : fault(flaw);
};

/** What JSON can say and nothing here could keep. Without recursion: that is what it guards against. */
const flawOf = (value: unknown): string | null => {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { value: each, depth } = top;
    if (typeof each === 'string' && !each.isWellFormed()) return 'holds half of a surrogate pair';
    if (typeof each !== 'object' || each === null) continue;
    if (depth >= maxDepth) return `is nested deeper than ${maxDepth}`;
    if (!Array.isArray(each))
      for (const key of Object.keys(each)) if (!key.isWellFormed()) return 'holds half of a surrogate pair';
    for (const inner of Object.values(each)) open.push({ value: inner, depth: depth + 1 });
  }
  return null;
};

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const assertJson = (type: string | undefined): void => {
  if (type === undefined || !jsonType.test(type))
    throw new ContrailError('unsupported-media-type', 'Bodies are JSON: send Content-Type: application/json.');
};

const assertAcceptable = (accept: string | undefined, produces: readonly string[]): void => {
  if (accept === undefined || accept.trim() === '' || produces.length === 0) return;
  const ranges = parseAccept(accept).filter(({ q }) => q > 0);
  const takes = (type: string): boolean =>
    ranges.some((range) => {
      const wanted = range.type.toLowerCase();
      return wanted === '*/*' || wanted === '*' || wanted === type || wanted === `${type.split('/')[0]}/*`;
    });
  if (!produces.some(takes)) throw new ContrailError('not-acceptable', `This route answers ${produces.join(' or ')}.`);
};
