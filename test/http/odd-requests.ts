// Requests that the OpenAPI document leads to, and what mallory makes of them: an arbitrary of fast-check for each operation. A request begins as
// one that the document allows, with ids of things that are there, and is then spoilt in none, one or two ways.

import fc from 'fast-check';
import type { OpenApiDocument, Operation } from './openapi-client.js';

export interface OddRequest {
  readonly operation: Operation;
  readonly method: string;
  /** The path as it goes over the wire, with `@name` for an id that is drawn when it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** What was spoilt; nothing for a request that the document allows. */
  readonly spoilt: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;
type Draft = {
  method: string;
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: unknown;
  raw: Buffer | null;
};
type Spoil = (draft: Draft, operation: Operation) => fc.Arbitrary<string>;

const words = [
  'plan',
  'content',
  'meta',
  'alice',
  'bob',
  'a',
  'Hello',
  'FL-001',
  'DL7',
  'B12',
  'EUR',
  '12.50',
  'editor',
  'insert',
  '@id',
];
const times = ['2027-01-10T10:00:00Z', '2026-01-31T12:00:00.000Z', '2099-12-31T23:59:59+14:00', '1970-01-01T00:00:00Z'];
/** Ids for a place in a path; `@id` is replaced by that of something which is there when the request is sent. */
const known: Readonly<Record<string, readonly string[]>> = {
  id: ['@id', '@id', '@id', '@id', '@id', '@id', 'none', 'canary'],
  userId: ['alice', 'alice', 'alice', 'bob', 'keeper'],
  flightId: ['@id', '@id', '@id', 'none'],
  versionId: ['@version', '@version', '1'],
};

/** Odd values for a place in a path; some are not even percent-encoded. */
const oddSegments = [
  ...[
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2fetc%2fpasswd',
    'a%2Fb',
    '%2F',
    'a//b',
    '%00',
    'a%0d%0aSet-Cookie:%20x=1',
    '%',
    '%zz',
    '%C0%AF',
    '%ED%A0%80',
  ],
  ...[
    '%F0%9F%92%A9',
    'na%C3%AFve',
    '%E2%80%AE',
    '__proto__',
    'constructor',
    '*',
    '-1',
    '1e3',
    '9'.repeat(17),
    'x'.repeat(129),
    'x'.repeat(3_000),
  ],
  ...[
    ' '.replace(' ', '%20'),
    '%20alice',
    'system',
    'create',
    'send',
    "';DROP%20TABLE%20event;--",
    '{id}',
    '$(id)',
    '<script>',
  ],
];
const oddValues: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    -0,
    '',
    ' ',
    '\u0000',
    '\u202e',
    '💩',
    '\ud800',
    '__proto__',
    '..',
    'x'.repeat(300),
  ],
  ...[
    [],
    [[]],
    {},
    { x: 1 },
    { toString: 1 },
    { $ref: '#' },
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59-14:00',
    '-000001-01-01T00:00:00Z',
  ],
];

const alert = { type: 'alert', data: { urgency: 'high', message: 'Doors close' } };
const leg = {
  departureCity: 'Rome',
  arrivalCity: 'Oslo',
  scheduledDeparture: times[0],
  scheduledArrival: '2027-01-10T13:00:00Z',
  source: 'push',
};
/** Bodies that lead to what a route is for, which chance alone seldom finds. */
const meant: Readonly<Record<string, readonly unknown[]>> = {
  editDocument: [
    { path: ['content'], action: 'insert', index: 0, value: 'more ' },
    { path: ['content'], action: 'delete', index: 0, length: 1 },
    { path: ['meta'], action: 'replace', key: 'tags', value: ['a', { b: null }] },
    { path: ['meta', 'tags'], action: 'insert', index: 0, value: 'first' },
  ],
  restoreDocument: [{ seq: 1 }, { seq: 1, dryRun: true }],
  createVersion: [{ name: 'first' }, { name: 'first', seq: 1 }],
  trackFlight: [
    { ...leg, flightNumber: 'BA7' },
    { ...leg, flightNumber: 'LH9', boards: ['tour'] },
    { flightNumber: 'DL7' },
  ],
  changeFlight: [
    { gate: 'B1' },
    { gate: null },
    { phase: 'boarding' },
    { phase: 'cancelled', force: true, reason: 'storm' },
  ],
  pushFlightData: [{ gate: 'C4' }, { phase: 'departed' }, { estimatedDeparture: '2027-01-10T11:00:00Z' }],
  watchFlight: [{}, { add: ['bob'] }],
  sendNotification: [
    { userId: 'alice', ...alert },
    { userId: 'alice', ...alert, collapseKey: 'k', priority: 'urgent' },
  ],
  broadcastNotification: [
    { audience: 'all', ...alert },
    { audience: 'online', ...alert },
    { userIds: ['alice', 'bob'], ...alert },
  ],
  markAllRead: [{}, { upTo: '@id' }],
  sendMessage: [
    { audience: 'all', name: 'hello' },
    { userId: 'alice', name: 'hello', data: [1] },
  ],
};

const jsonOf = (schema: Schema, document: OpenApiDocument): fc.Arbitrary<unknown> => {
  const {
    $ref,
    type,
    enum: values,
    const: one,
    anyOf,
    properties = {},
    required = [],
    items,
    format,
    minimum,
    maximum,
  } = schema as {
    $ref?: string;
    type?: string | string[];
    enum?: unknown[];
    const?: unknown;
    anyOf?: Schema[];
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
    format?: string;
    minimum?: number;
    maximum?: number;
  };
  if ($ref) return jsonOf(document.components.schemas[$ref.split('/').at(-1) ?? ''] as Schema, document);
  if (values) return fc.constantFrom(...values);
  if (one !== undefined) return fc.constant(one);
  if (anyOf) return fc.oneof(...anyOf.map((each) => jsonOf(each, document)));
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, jsonOf(each, document)])),
        { requiredKeys: required },
      );
    case 'array':
      return fc.array(jsonOf(items ?? {}, document), { minLength: 1, maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 40, (minimum ?? 0) + 40) }) },
        { weight: 1, arbitrary: fc.integer({ min: minimum ?? 0, max: maximum ?? 2 ** 31 }) },
      );
    case 'boolean':
      return fc.boolean();
    case 'string':
      return format === 'date-time'
        ? fc.constantFrom(...times)
        : fc.oneof(fc.constantFrom(...words), fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }));
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
};

/** Puts a value somewhere into a JSON body: instead of a member, or beside them. */
const replaceSomewhere = (body: unknown): fc.Arbitrary<unknown> => {
  if (typeof body !== 'object' || body === null || Object.keys(body).length === 0) return fc.constantFrom(...oddValues);
  const entries = Object.entries(body);
  return fc.tuple(fc.nat(entries.length - 1), fc.constantFrom(...oddValues)).chain(([at, odd]) => {
    const put = (value: unknown): unknown =>
      Array.isArray(body)
        ? body.map((each: unknown, index) => (index === at ? value : each))
        : Object.fromEntries(entries.map(([name, each], index) => [name, index === at ? value : each]));
    return fc.oneof(fc.constant(put(odd)), replaceSomewhere(entries[at]?.[1]).map(put));
  });
};

/** Changes a draft and says what was done. */
const said = <Target extends object>(target: Target, changes: Partial<Target>, what: string): string => {
  Object.assign(target, changes);
  return what;
};
const asText = (body: unknown): string => JSON.stringify(body ?? {});
const raw = (text: string): Buffer => Buffer.from(text);
const depths = [100, 130, 5_000, 200_000];
const spoilers: Readonly<Record<string, Spoil>> = {
  value: (draft) => replaceSomewhere(draft.body).map((body) => said(draft, { body: body }, 'a value')),
  missing: (draft) =>
    fc.nat(20).map((at) => {
      if (typeof draft.body === 'object' && draft.body !== null && !Array.isArray(draft.body))
        draft.body = Object.fromEntries(
          Object.entries(draft.body).filter((_, index, all) => index !== at % all.length),
        );
      return 'a missing member';
    }),
  unknown: (draft) =>
    fc.constantFrom('x', '__proto__', 'constructor', '', 'ID', 'toString').map((name) => {
      draft.raw = raw(
        asText(draft.body).replace(/^\{/, `{${JSON.stringify(name)}:{"a":1}${asText(draft.body) === '{}' ? '' : ','}`),
      );
      return `an unknown member ${name}`;
    }),
  twice: (draft) =>
    fc
      .constant('a member twice')
      .map((what) => said(draft, { raw: raw(asText(draft.body).replace(/^\{("\w+":)/, '{$1null,$1')) }, what)),
  nesting: (draft) =>
    fc.tuple(fc.constantFrom(...depths), fc.boolean()).map(([depth, isArray]) => {
      const deep = isArray ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
      draft.raw = raw(
        asText(draft.body).replace(/(:)("[^"]*"|\d+|null|true|false|\[\]|\{\})|^\{\}$/, (_, colon?: string) =>
          colon ? `:${deep}` : deep,
        ),
      );
      return `${depth} levels`;
    }),
  huge: (draft) =>
    fc.constantFrom(5_000, 300_000).map((length) => {
      draft.raw = raw(asText(draft.body).replace(/"[^"]*"(?=[,}\]])/, `"${'x'.repeat(length)}"`));
      return `${length} characters`;
    }),
  malformed: (draft) =>
    fc
      .constantFrom(
        '{',
        '}',
        'nul',
        "{'a':1}",
        '{"a":1,}',
        '\ufeff{}',
        '{"a":\u0000}',
        'NaN',
        '"',
        '[1,2',
        '{}{}',
        '1e999',
        '-',
        '\\',
        '{"a":"\\ud800"}',
        '{"\\udfff":1}',
      )
      .map((text) => said(draft, { raw: raw(text) }, 'malformed JSON')),
  bytes: (draft) =>
    fc
      .uint8Array({ minLength: 1, maxLength: 64 })
      .map((bytes) => said(draft, { raw: Buffer.from(bytes) }, 'bytes that are no JSON')),
  empty: (draft) =>
    fc.constantFrom('', ' ', '\n\t').map((text) => said(draft, { body: undefined, raw: raw(text) }, 'no body')),
  body: (draft) => fc.jsonValue({ maxDepth: 1 }).map((body) => said(draft, { body: body }, 'another body')),
  mediaType: (draft) =>
    fc
      .constantFrom(
        '',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json; charset=utf-16',
        'application/json5',
        'json',
        'application/yjs',
        'application/problem+json',
        'a/b;'.repeat(50),
      )
      .map((type) => said(draft.headers, { ['content-type']: type }, `content type ${type.slice(0, 40)}`)),
  accept: (draft) =>
    fc
      .constantFrom(
        '',
        'image/png',
        'text/html',
        '*/*;q=0',
        'application/json;q=0, */*',
        'text/event-stream',
        ';;;',
        'application/problem+json',
        'q=1',
        '*/*,'.repeat(200),
      )
      .map((accept) => said(draft.headers, { ['accept']: accept }, `accept ${accept.slice(0, 40)}`)),
  method: (draft) =>
    fc
      .constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE')
      .map((method) => said(draft, { method: method }, `method ${method}`)),
  path: (draft, { path }) =>
    fc.tuple(fc.constantFrom(...oddSegments), fc.nat(8)).map(([odd, at]) => {
      const places = path.split('/').flatMap((part, index) => (part.startsWith('{') ? [index] : []));
      const parts = draft.path.split('/');
      const place = places[at % places.length] ?? 1 + (at % (parts.length - 1));
      draft.path = parts.map((part, index) => (index === place ? odd : part)).join('/');
      return `path ${draft.path.slice(0, 80)}`;
    }),
  slashes: (draft) =>
    fc
      .constantFrom(
        (path: string) => `${path}/`,
        (path: string) => path.replaceAll('/', '//'),
        (path: string) => path.toUpperCase(),
        (path: string) => `${path}/../..`,
        (path: string) => `${path};x=1`,
        (path: string) => `${path}%3Fx`,
        (path: string) => `http://mallory.example${path}`,
      )
      .map((spoil) => said(draft, { path: spoil(draft.path) }, `path ${draft.path.slice(0, 80)}`)),
  query: (draft, { parameters }) =>
    fc
      .tuple(
        fc.constantFrom(
          'x',
          '',
          '__proto__',
          'limit',
          'next',
          'constructor',
          ...parameters.filter((each) => each.in === 'query').map(({ name }) => name),
        ),
        fc.constantFrom(
          '',
          '0',
          '-1',
          '1e9',
          '99999999999999999999',
          '1.5',
          'x',
          '%20',
          '%00',
          '%zz',
          '%ED%A0%80',
          '%F0%9F%92%A9',
          '2026-13-01T00:00:00Z',
          '9999-12-31T23:59:59-23:59',
          'bm90IG1pbmU',
          'MTIz',
          'edit,undo',
          'edit,,',
          'x'.repeat(500),
        ),
        fc.boolean(),
      )
      .map(([name, value, twice]) => {
        draft.query.push([name, value], ...(twice ? ([[name, value]] as [string, string][]) : []));
        return `query ${name}=${value.slice(0, 30)}${twice ? ' twice' : ''}`;
      }),
  condition: (draft) =>
    fc
      .tuple(
        fc.constantFrom('if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range'),
        fc.constantFrom(
          '*',
          '"1"',
          'W/"1"',
          '1',
          '0',
          '-1',
          'x',
          '"',
          'W/',
          '9'.repeat(16),
          '"1", "2"',
          '"a",'.repeat(500),
          'bytes=0-1',
          'Thu, 01 Jan 1970 00:00:00 GMT',
          'W/"2.abc"',
        ),
      )
      .map(([name, value]) => said(draft.headers, { [name]: value }, `${name}: ${value.slice(0, 30)}`)),
  header: (draft) =>
    fc
      .tuple(
        fc.constantFrom(
          'idempotency-key',
          'x-request-id',
          'last-event-id',
          'origin',
          'x-user-id',
          'x-http-method-override',
          'x-forwarded-for',
          'x-forwarded-proto',
          'accept-encoding',
          'host',
          'te',
          'cookie',
          'upgrade-insecure-requests',
          'content-encoding',
        ),
        fc.constantFrom(
          'a',
          'b',
          '',
          'x'.repeat(256),
          'x'.repeat(2_000),
          '<script>',
          'caf\u00e9',
          '-1',
          'gzip',
          'gzip;q=0',
          'https://mallory.example',
          '127.0.0.1',
          'DELETE',
          '1',
        ),
      )
      .map(([name, value]) => said(draft.headers, { [name]: value }, `${name}: ${value.slice(0, 30)}`)),
  token: (draft) =>
    fc
      .constantFrom(
        '',
        'Bearer',
        'Bearer x',
        'Bearer a.b.c',
        `Bearer ${'x'.repeat(5_000)}`,
        'Basic YTpi',
        'bearer  ',
        'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.',
      )
      .map((token) => said(draft.headers, { ['authorization']: token }, `authorization ${token.slice(0, 20)}`)),
};

const draftOf = (operation: Operation, document: OpenApiDocument): fc.Arbitrary<Draft> => {
  const inPath = operation.parameters.filter((each) => each.in === 'path');
  const inQuery = operation.parameters.filter((each) => each.in === 'query');
  const schema = operation.requestBody?.content['application/json']?.schema as Schema | undefined;
  return fc
    .record({
      path: fc.tuple(...inPath.map(({ name }) => fc.constantFrom(...(known[name] ?? ['none'])))),
      query: fc.subarray(inQuery).chain((some) => {
        const given = inQuery.filter((each) => each.required || some.includes(each));
        return fc.tuple(
          ...given.map((each) =>
            jsonOf(each.schema as Schema, document).map((value): [string, string] => [
              each.name,
              encodeURIComponent(String(value).toWellFormed()),
            ]),
          ),
        );
      }),
      key: fc.oneof(
        { weight: 19, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('k1', 'k2', 'k3') },
      ),
      body: schema
        ? fc.oneof(
            jsonOf(schema, document),
            ...(meant[operation.operationId] ? [fc.constantFrom(...(meant[operation.operationId] ?? []))] : []),
          )
        : fc.constant(undefined),
    })
    .map(({ path, query, key, body }) => ({
      method: operation.method,
      path: inPath.reduce(
        (whole, { name }, index) => whole.replace(`{${name}}`, path[index] ?? 'none'),
        operation.path,
      ),
      query,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key !== undefined && operation.method === 'POST' ? { 'idempotency-key': key } : {}),
      },
      body,
      raw: null,
    }));
};

/** One request for a random operation. */
export const oddRequest = (document: OpenApiDocument, operations: readonly Operation[]): fc.Arbitrary<OddRequest> =>
  fc.constantFrom(...operations).chain((operation) =>
    draftOf(operation, document).chain((draft) =>
      fc.array(fc.constantFrom(...Object.keys(spoilers)), { maxLength: 2 }).chain((names) => {
        const made: Draft = { ...draft, query: [...draft.query], headers: { ...draft.headers } };
        return names
          .reduce<fc.Arbitrary<readonly string[]>>(
            (before, name) =>
              before.chain(
                (spoilt) => spoilers[name]?.(made, operation).map((what) => [...spoilt, what]) ?? fc.constant(spoilt),
              ),
            fc.constant([]),
          )
          .map((spoilt) => finish(operation, made, spoilt));
      }),
    ),
  );

const finish = (
  operation: Operation,
  { method, path, query, headers, body, raw: bytes }: Draft,
  spoilt: readonly string[],
): OddRequest => ({
  operation,
  method,
  path: query.length === 0 ? path : `${path}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`,
  headers,
  body: bytes ?? (body === undefined ? null : Buffer.from(JSON.stringify(body))),
  spoilt,
});
