// What the server says of its own REST surface, to programs and to people.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withLocalServer } from '../support/local-server.js';

interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: object; readonly summary?: string }>>>
  >;
  readonly components: { readonly securitySchemes: object };
}

/** What a back end must find; a path parameter may have any name. */
const promised = [
  'get /healthz/live',
  'get /healthz/ready',
  ...[
    'get /users/online',
    'get /flights/active',
    'get /stats',
    'get /stats/notifications',
    'get /stats/collaborative',
    'post /flights/track',
    'get /flights/{}',
    'patch /flights/{}',
    'post /flights/{}/stop',
    'get /flights/{}/history',
    'get /notifications/{}',
    'get /notifications/{}/unread',
    'post /notifications/send',
    'post /notifications/broadcast',
    'get /notifications/broadcasts/{}',
    'delete /notifications/broadcasts/{}',
    'post /notifications/{}/{}/read',
    'post /notifications/{}/{}/seen',
    'post /notifications/{}/{}/archive',
    'post /notifications/{}/read-all',
    'post /documents/create',
    'get /documents',
    'get /documents/{}',
    'patch /documents/{}',
    'delete /documents/{}',
    'post /documents/{}/share',
    'delete /documents/{}/collaborators/{}',
    'post /documents/{}/edits',
    'get /documents/{}/history',
    'get /documents/{}/at',
    'get /documents/{}/diff',
    'get /documents/{}/attribution',
    'get /documents/{}/versions',
    'post /documents/{}/versions',
    'post /documents/{}/restore',
    'post /documents/{}/undo',
    'post /documents/{}/redo',
    'put /documents/{}/lock',
    'delete /documents/{}/versions',
    'delete /documents/{}/lock',
    'get /documents/{}/users',
    'get /documents/{}/cursors',
    'get /events',
  ].map((route) => route.replace(' ', ' /api/realtime')),
];

const described = async (url: string): Promise<OpenApi> =>
  (await (await fetch(`${url}/api-docs/openapi.json`)).json()) as OpenApi;

test('the OpenAPI document names every route, with its answers', () =>
  withLocalServer(async (server) => {
    const document = await described(server.url);
    assert.match(document.openapi, /^3\.1\./);
    assert.match(document.info.version, /^\d+\.\d+\.\d+/);
    assert.equal(Object.keys(document.components.securitySchemes), ['bearer', 'openMode']);
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`),
    );
    assert.equal(
      promised.filter((route) => !found.includes(route)),
      [],
    );
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { responses, summary }] of Object.entries(methods)) {
        assert.ok(summary, `${method} ${path} says what it does`);
        assert.ok(
          Object.keys(responses).some((status) => status.startsWith('2')),
          `${method} ${path} says what it answers`,
        );
      }
  }));

test('what is open to everybody is said to be so', () =>
  withLocalServer(async (server) => {
    const { paths } = await described(server.url);
    for (const path of ['/healthz/live', '/healthz/ready', '/metrics']) {
      const operation = paths[path]?.['get'] as { readonly security?: unknown; readonly responses: object } | undefined;
      assert.equal(operation?.security, [], path);
      for (const status of ['304', '401', '403'])
        assert.not.ok(status in (operation?.responses ?? {}), `${path} ${status}`);
    }
    assert.ok('401' in (paths['/api/realtime/documents']?.['get']?.responses ?? {}));
  }));

test('the page shows every route and fetches nothing', () =>
  withLocalServer(async (server) => {
    const { paths } = await described(server.url);
    const answer = await fetch(`${server.url}/api-docs`);
    assert.match(answer.headers.get('content-type') ?? '', 'text/html');
    const page = await answer.text();
    for (const path of Object.keys(paths)) assert.ok(page.includes(`<code>${path}</code>`), path);
    assert.not.match(page, /<script|<link|<img|@import|src=/);
    assert.match(answer.headers.get('content-security-policy') ?? '', "default-src 'none'");
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g))
      assert.ok(ids.has(target), `#${target} leads somewhere`);
    for (const heading of ['Documents and their history', 'Flights', 'Notifications', 'Shapes'])
      assert.match(page, new RegExp(`<h2[^>]*>${heading}</h2>`));
  }));

test.run();
