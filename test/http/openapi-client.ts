// A client made from the live OpenAPI document and nothing else: it knows the routes by `operationId`, sends only what the document declares,
// and holds every answer against it. Schemas are closed: a member that the document does not name is a fault.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
}
interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, object>>;
}
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { schema: object }>>;
  };
  readonly responses: Readonly<Record<string, Described>>;
}
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export interface Sent {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else text; `null` without content. */
  readonly body: unknown;
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;
/** Of the server's own connections, which a document need not repeat for each status. */
const always = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'cache-control',
  'vary',
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);

export class OpenApiClient {
  readonly document: OpenApiDocument;
  readonly operations: ReadonlyMap<string, Operation>;
  /** By operation, the statuses it has answered with. */
  readonly seen = new Map<string, Set<number>>();
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<object, ValidateFunction>();

  private constructor(url: string, document: OpenApiDocument, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
    this.document = document;
    this.operations = operationsOf(document);
    this.#ajv = new Ajv2020({
      strict: true,
      allErrors: true,
      allowUnionTypes: true,
      keywords: ['example', 'components'],
    });
    addFormats(this.#ajv);
    this.#ajv.addFormat('binary', true);
    this.#ajv.addSchema({ $id: 'https://contrail.test/openapi', components: closed(document.components) } as object);
  }

  static async of(url: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenApiClient> {
    const document = (await (await fetch(`${url}/api-docs/openapi.json`)).json()) as OpenApiDocument;
    return new OpenApiClient(url, document, headers);
  }

  /** Calls a route and holds its answer against the document. Throws for an answer that the document does not describe. */
  async call(operationId: string, sent: Sent = {}): Promise<Received> {
    const operation = this.operations.get(operationId);
    if (!operation) throw new Error(`the document has no operation ${operationId}`);
    const answer = await fetch(this.#url + addressOf(operation, sent), {
      method: operation.method,
      headers: {
        ...this.#headers,
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    });
    const type = answer.headers.get('content-type')?.split(';')[0] ?? null;
    const text = await answer.text();
    const body = text === '' ? null : type?.includes('json') ? JSON.parse(text) : text;
    const faults = this.faultsOf(operation, { status: answer.status, headers: answer.headers, body });
    if (faults.length > 0)
      throw new Error(`${operationId} answered ${answer.status} ${text.slice(0, 400)}\n${faults.join('\n')}`);
    const statuses = this.seen.get(operationId) ?? new Set();
    this.seen.set(operationId, statuses.add(answer.status));
    return { status: answer.status, headers: answer.headers, body };
  }

  /** What an answer has that the document does not say. */
  faultsOf(operation: Operation, { status, headers, body }: Received): readonly string[] {
    const described = operation.responses[status];
    if (!described) return [`the status ${status} is not described`];
    const faults: string[] = [];
    const known = new Set(Object.keys(described.headers ?? {}).map((name) => name.toLowerCase()));
    for (const [name] of headers)
      if (!known.has(name) && !always.has(name) && !name.startsWith('access-control-'))
        faults.push(`the header ${name} is not described`);
    const type = headers.get('content-type')?.split(';')[0] ?? null;
    const content = described.content ?? {};
    if (type === null || body === null) {
      if (Object.keys(content).length > 0) faults.push('there is no content');
      return faults;
    }
    const media = content[type];
    if (!media) return [...faults, `the media type ${type} is not described`];
    const validate = this.#validator(media.schema);
    if (!validate(body))
      faults.push(
        ...(validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
        ),
      );
    return faults;
  }

  /** Whether a body is one that the document allows for the operation. */
  takes(operationId: string, body: unknown): boolean {
    const schema = this.operations.get(operationId)?.requestBody?.content['application/json']?.schema;
    return schema !== undefined && this.#validator(schema)(body);
  }

  #validator(schema: object): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known) return known;
    const made = this.#ajv.compile(closed(schema));
    this.#validators.set(schema, made);
    return made;
  }
}

const operationsOf = ({ paths }: OpenApiDocument): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        if (!operation.operationId) throw new Error(`${method} ${path} has no operationId`);
        return [operation.operationId, { ...operation, method: method.toUpperCase(), path }] as const;
      }),
    ),
  );

/** The address of a call; a parameter that the document does not declare, or one that is missing, is an error. */
export const addressOf = (operation: Operation, { path = {}, query = {}, headers = {} }: Sent): string => {
  const declared = (place: Parameter['in'], name: string): boolean =>
    operation.parameters.some((each) => each.in === place && each.name.toLowerCase() === name.toLowerCase());
  for (const [place, given] of [
    ['path', path],
    ['query', query],
    ['header', headers],
  ] as const)
    for (const name of Object.keys(given))
      if (!declared(place, name) && !['accept', 'authorization', 'x-user-id'].includes(name.toLowerCase()))
        throw new Error(`${operation.operationId} declares no ${place} parameter ${name}`);
  const filled = operation.path.replaceAll(/\{(.+?)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`${operation.operationId} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return search.size === 0 ? filled : `${filled}?${search}`;
};

/** The schema with every object that names members closed, and references that lead into the document as ajv knows it. */
const closed = (schema: unknown): object => {
  if (Array.isArray(schema)) return schema.map((each: unknown) => (isObject(each) ? closed(each) : each));
  const made: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema as object)) {
    if (key === '$ref') made[key] = `https://contrail.test/openapi${String(value)}`;
    else made[key] = isObject(value) ? closed(value) : value;
  }
  const named = made['properties'];
  if (isObject(named)) made['additionalProperties'] = false;
  return made;
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
