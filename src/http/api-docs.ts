// The REST surface described: as OpenAPI 3.1 for programs, as one page for people. Both are made from the routes themselves, once.

import { html, raw } from 'hono/html';
import { type App, createRouter } from './app.js';

type Document = ReturnType<App['getOpenAPI31Document']>;

export interface ApiDocsOptions {
  readonly version: string;
  /** The path of the server that this one lives under, without its last slash. */
  readonly base: string;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<Record<string, { readonly description?: string }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: unknown;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
const about =
  'Documents, their history, flights, notifications and who is there. With authentication, send `Authorization: Bearer <jwt>`; in open mode `X-User-Id` says who asks.';

const describe = (app: App, { version, base }: ApiDocsOptions): Document =>
  app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Contrail', version, description: about, license: { name: 'MIT' } },
    servers: [{ url: base === '' ? '/' : base }],
    security: [{ bearer: [] }, { openMode: [] }],
  });

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
  let document: Document | null = null;
  const known = (): Document => {
    document ??= describe(app, options);
    return document;
  };
  const router = createRouter();
  router.get('/api-docs/openapi.json', (context) => context.json(known()));
  router.get('/api-docs', (context) => context.html(page(known(), options.base)));
  return router;
};

/** A whole page, nothing fetched from elsewhere. */
const page = (document: Document, base: string) => {
  const operations = Object.entries(document.paths ?? {})
    .toSorted(([a], [b]) => a.localeCompare(b))
    .flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = (item as Record<string, Operation>)[method];
        return operation ? [{ path, method, operation }] : [];
      }),
    );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contrail: REST</title>
<style>${raw(style)}</style>
</head>
<body>
<h1>Contrail: REST</h1>
<p>${about}</p>
<p>For programs: <a href="${base}/api-docs/openapi.json">openapi.json</a>. Errors are <code>application/problem+json</code>, each with a stable <code>code</code>.</p>
<main>${operations.map(({ path, method, operation }) => section(path, method, operation))}</main>
</body>
</html>`;
};

const section = (
  path: string,
  method: string,
  { summary, description, parameters, requestBody, responses }: Operation,
) => html`
<details>
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${summary ?? ''}</span></summary>
${description ? html`<p>${description}</p>` : ''}
${
  (parameters ?? []).length === 0
    ? ''
    : html`<table><caption>Parameters</caption><tbody>${(parameters ?? []).map(
        (
          parameter,
        ) => html`<tr><th scope="row"><code>${parameter.name}</code></th><td>${parameter.in}${parameter.required ? ', required' : ''}</td>
<td>${parameter.description ?? ''} <code>${JSON.stringify(parameter.schema ?? {})}</code></td></tr>`,
      )}</tbody></table>`
}
${Object.entries(requestBody?.content ?? {}).map(
  ([type, { schema }]) => html`<p>Body, <code>${type}</code></p><pre>${JSON.stringify(schema ?? {}, null, 2)}</pre>`,
)}
<table><caption>Answers</caption><tbody>${Object.entries(responses ?? {}).map(
  ([status, response]) => html`<tr><th scope="row">${status}</th><td>${response.description ?? ''}</td></tr>`,
)}</tbody></table>
</details>`;

const style = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 980px; margin: 0 auto; padding: 24px 16px 64px; }
details { border: 1px solid #8885; border-radius: 10px; margin: 8px 0; padding: 0 14px; }
summary { cursor: pointer; padding: 10px 0; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.5em; }
summary span { opacity: .8; }
table { border-collapse: collapse; width: 100%; margin: 10px 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-top: 1px solid #8883; overflow-wrap: anywhere; }
pre { overflow: auto; max-height: 420px; padding: 12px; border-radius: 8px; background: #8882; }
`;
