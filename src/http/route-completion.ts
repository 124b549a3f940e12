// What every route declares beyond its own words: how it can be refused, which headers it takes and gives, that it takes no other parameters.
// So the OpenAPI document says all of it, and a route file only what is its own.

import { type RouteConfig, z } from '@hono/zod-openapi';
import { type ErrorCode, errorTable } from '../model/errors.js';
import type { DeclaredRequest } from './request-check.js';
import { problemSchema } from './schemas.js';

const refusalsMember = 'x-refusals';

/** The codes by which a route refuses for reasons of its own; those that every route has are added. */
export const refuses = (...codes: readonly ErrorCode[]): { readonly [refusalsMember]: readonly ErrorCode[] } => ({
  [refusalsMember]: codes,
});

const always: readonly ErrorCode[] = ['bad-request', 'not-acceptable', 'internal'];
/** Of routes behind authentication. */
const guarded: readonly ErrorCode[] = [
  'malformed',
  'unauthenticated',
  'token-expired',
  'forbidden',
  'rate-limited',
  'overloaded',
  'log-unavailable',
  'restarting',
];
const ofBodies: readonly ErrorCode[] = ['too-large', 'unsupported-media-type'];
const ofPosts: readonly ErrorCode[] = ['request-in-progress', 'outcome-unknown', 'key-reused'];

const header = (description: string, schema: object = { type: 'string' as const }) => ({ description, schema });
const requestIdHeader = header(
  'The request’s id: what the caller sent, or a new one. Log lines of the server name it.',
);
const etagHeader = header('Names this representation; send it as If-None-Match to be answered 304 while it holds.');
const linkHeader = header('`rel="next"`: the next page, where there is one.');
const replayedHeader = header('`true`: this is the first answer to the same Idempotency-Key; nothing was done again.');
const retryHeader = header('After how many seconds to try again.', { type: 'integer' as const });
const challengeHeader = header('`Bearer`.');

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description:
    'Makes it safe to send the request again: for 24 h the same key gets the first answer. With another body 422, while the first still runs 409.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};
const requestId = {
  name: 'X-Request-Id',
  in: 'header' as const,
  required: false,
  description: 'An id for log lines on both sides: up to 255 of A-Z a-z 0-9 _ - =. Anything else gets a new one.',
  schema: { type: 'string' as const },
};
const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header' as const,
  required: false,
  description: 'ETags of representations that the caller has.',
  schema: { type: 'string' as const },
};

export interface CompletedRoute {
  readonly route: RouteConfig;
  readonly request: DeclaredRequest;
}

export const completeRoute = (declared: RouteConfig): CompletedRoute => {
  const { request = {}, responses, [refusalsMember]: refusals, ...rest } = declared;
  const isGet = rest.method === 'get';
  const isPost = rest.method === 'post';
  const open = rest.security?.length === 0;
  // entityTags sees what is behind authentication alone.
  const isTagged = isGet && !open;
  const own = (refusals ?? []) as readonly ErrorCode[];
  const takesBody = request.body !== undefined;
  const codes = [
    ...always,
    ...(open ? [] : guarded),
    ...(takesBody || !isGet ? ofBodies : []),
    ...(isPost ? ofPosts : []),
    ...own,
  ];
  const completed: RouteConfig = {
    tags: [tagOf(rest.path)],
    ...rest,
    parameters: [
      ...(rest.parameters ?? []),
      ...(isPost ? [idempotencyKey] : []),
      ...(isTagged ? [ifNoneMatch] : []),
      requestId,
    ] as NonNullable<RouteConfig['parameters']>,
    request,
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([status, answer]) => [
          status,
          withHeaders(answer, status, { isGet, isPost, isTagged }),
        ]),
      ),
      ...(isTagged ? { 304: unchanged(responses[200]) } : {}),
      ...problems(codes),
    },
  };
  return { route: completed, request: requestOf(completed) };
};

type Answer = RouteConfig['responses'][string];

/** A 304 has the headers of the 200 that it stands for (RFC 9110, 15.4.5). */
const unchanged = (answer: Answer | undefined): Answer => {
  const as200 = withHeaders(answer ?? { description: '' }, '200', { isGet: true, isPost: false, isTagged: true });
  return {
    description: 'It is what If-None-Match names',
    ...('headers' in as200 ? { headers: as200.headers } : {}),
  } as Answer;
};

const withHeaders = (
  answer: Answer,
  status: string,
  { isGet, isPost, isTagged }: { readonly isGet: boolean; readonly isPost: boolean; readonly isTagged: boolean },
): Answer => {
  if ('$ref' in answer) return answer;
  const isPage = isGet && JSON.stringify(shapeOf(answer)).includes('"next"');
  return {
    ...answer,
    headers: {
      'X-Request-Id': requestIdHeader,
      ...(isTagged && status === '200' ? { ETag: etagHeader } : {}),
      ...(isPage ? { Link: linkHeader } : {}),
      ...(isPost ? { 'Idempotency-Replayed': replayedHeader } : {}),
      ...answer.headers,
    },
  } as Answer;
};

/** Member names of an answer, as far as they show that it is a page of a list. */
const shapeOf = (answer: Answer): readonly string[] => {
  const content = 'content' in answer ? Object.values(answer.content ?? {}) : [];
  return content.flatMap((media) =>
    media !== undefined && 'schema' in media && media.schema instanceof z.ZodObject
      ? Object.keys(media.schema.shape)
      : [],
  );
};

const problems = (codes: readonly ErrorCode[]): RouteConfig['responses'] => {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, of]) => [status, problem(status, of)]),
  );
};

const problem = (status: number, codes: readonly ErrorCode[]): Answer => ({
  description: codes.map((code) => `\`${code}\`: ${errorTable[code].title}`).join('; '),
  headers: {
    'X-Request-Id': requestIdHeader,
    ...(status === 401 ? { 'WWW-Authenticate': challengeHeader } : {}),
    ...(status === 429 || status === 503 ? { 'Retry-After': retryHeader } : {}),
  },
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** The first word of the path; some routers are mounted with the base in their paths. */
const tagOf = (path: string): string =>
  path
    .replace(/^\/api\/realtime/, '')
    .split('/')
    .find((part) => part !== '' && !part.startsWith('{')) ?? 'operation';

const nothing = z.strictObject({});

const requestOf = ({ request, responses }: RouteConfig): DeclaredRequest => {
  const body = request?.body;
  const schema = body?.content['application/json'];
  const produces = new Set(
    Object.entries(responses).flatMap(([status, answer]) =>
      status.startsWith('2') && 'content' in answer ? Object.keys(answer.content ?? {}) : [],
    ),
  );
  const headers = Array.isArray(request?.headers) ? null : (request?.headers ?? null);
  return {
    params: request?.params ?? z.looseObject({}),
    query: request?.query ?? nothing,
    headers,
    body:
      body && schema && 'schema' in schema && schema.schema instanceof z.ZodType
        ? { schema: schema.schema, required: body.required ?? false }
        : null,
    produces: [...produces],
  };
};
