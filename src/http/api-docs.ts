// The REST surface described: as OpenAPI 3.1 for programs, as one page for people. Both are made from the routes themselves, once.

import type { Context } from 'hono';
import { examples } from './api-examples.js';
import { apiPage, atOrigin, type Operation } from './api-page.js';
import { type App, createRouter } from './app.js';
import { curlCommand } from './curl-command.js';
import type { Schema } from './schema-text.js';

export interface ApiDocsOptions {
  readonly version: string;
  /** The path of the server that this one lives under, without its last slash. */
  readonly base: string;
}

interface Documentation {
  /** JSON. */
  readonly document: string;
  /** HTML. */
  readonly page: string;
}

type Described = Omit<Operation, 'method' | 'path' | 'tag'> & { readonly tags?: readonly string[] };

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
const about =
  'Documents, their history, flights, notifications and who is there. With authentication, send `Authorization: Bearer <jwt>`; in open mode `X-User-Id` says who asks.';

/** To be mounted last: it describes the routes that `app` has by the time somebody asks first. */
export const apiDocs = (app: App, options: ApiDocsOptions): App => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'openMode', {
    type: 'apiKey',
    in: 'header',
    name: 'X-User-Id',
    description: 'Without authentication configured: who asks, as they say.',
  });
  let made: Documentation | null = null;
  const known = (): Documentation => {
    made ??= documentationOf(app, options);
    return made;
  };
  const here = (context: Context): string => originOf(context) + options.base;
  const router = createRouter();
  router.get('/api-docs/openapi.json', (context) =>
    context.body(atOrigin(known().document, here(context)), 200, { 'content-type': 'application/json' }),
  );
  router.get('/api-docs', async (context) =>
    context.html(atOrigin(known().page, here(context)), 200, { 'content-security-policy': policy }),
  );
  return router;
};

/** The page needs its own style, and nothing else. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Of the server as the caller reached it, so that the commands work as they stand. It comes from the request and is shown in commands. */
const originOf = (context: Context): string => {
  const { protocol, host } = new URL(context.req.url);
  return `${protocol}//${/^[\w.:[\]-]+$/.test(host) ? host : '127.0.0.1:1234'}`;
};

const documentationOf = (app: App, { version, base }: ApiDocsOptions): Documentation => {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Contrail', version, description: about, license: { name: 'MIT' } },
    servers: [{ url: base === '' ? '/' : base }],
    security: [{ bearer: [] }, { openMode: [] }],
  });
  const operations = Object.entries(document.paths ?? {})
    .flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const described = (item as Record<string, Described>)[method];
        return described ? [{ ...described, method, path, tag: described.tags?.[0] ?? 'others', item: described }] : [];
      }),
    )
    .toSorted((a, b) => placeOf(a) - placeOf(b));
  for (const operation of operations) {
    const commands = examples
      .filter((example) => example.operationId === operation.operationId)
      .map((example) => ({ lang: 'Shell', label: 'curl', source: curlCommand(operation, example) }));
    // Known to Redoc, Scalar and others: https://redocly.com/docs-legacy/api-reference-docs/specification-extensions/x-code-samples
    if (commands.length > 0) Object.assign(operation.item, { 'x-codeSamples': commands });
  }
  const schemas = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;
  return {
    document: JSON.stringify(document),
    page: String(apiPage({ operations, schemas, about, version, base })),
  };
};

/** Where the examples have it, which is an order in which they can be run; what has no example comes last. */
const placeOf = ({ operationId }: { readonly operationId: string }): number => {
  const place = examples.findIndex((example) => example.operationId === operationId);
  return place === -1 ? examples.length : place;
};
