// What every route does alike: methods, media types, all faults at once, conditional requests, compression, request ids.

import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LocalServer, withLocalServer } from '../support/local-server.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly instance: string;
  readonly errors?: readonly { readonly at: string }[];
}

const api = (server: LocalServer, path: string, init: RequestInit = {}) =>
  fetch(`${server.url}/api/realtime${path}`, {
    ...init,
    headers: { 'x-user-id': 'alice', ...(init.headers as Record<string, string>) },
  });
const json = { 'content-type': 'application/json' };
const create = (server: LocalServer, body: unknown, headers: Record<string, string> = {}) =>
  api(server, '/documents/create', { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
const problemOf = async (answer: Response): Promise<Problem> => {
  assert.match(answer.headers.get('content-type') ?? '', 'application/problem+json');
  const problem = (await answer.json()) as Problem;
  assert.is(problem.status, answer.status);
  return problem;
};

test('a method that a path does not have is 405, with those that it has', () =>
  withLocalServer(async (server) => {
    const answer = await api(server, '/documents/plan/lock', { method: 'POST' });
    assert.is((await problemOf(answer)).code, 'method-not-allowed');
    assert.equal(answer.status, 405);
    assert.equal((answer.headers.get('allow') ?? '').split(', ').toSorted(), ['DELETE', 'OPTIONS', 'PUT']);
    assert.is((await problemOf(await api(server, '/nowhere'))).status, 404);
  }));

test('media types that are not spoken are 415 and 406', () =>
  withLocalServer(async (server) => {
    const text = await api(server, '/documents/create', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"title":"x"}',
    });
    assert.is((await problemOf(text)).status, 415);
    const image = await api(server, '/documents', { headers: { accept: 'image/png' } });
    assert.is((await problemOf(image)).code, 'not-acceptable');
  }));

test('one answer names every fault of a request, wherever it is', () =>
  withLocalServer(async (server) => {
    const answer = await api(server, '/documents/create?colour=red', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ id: '../etc', title: 7, owner: 'mallory' }),
    });
    const { code, errors = [] } = await problemOf(answer);
    assert.is(code, 'bad-request');
    const places = errors.map(({ at }) => at).join(' ');
    for (const name of ['colour', 'id', 'title', 'owner']) assert.match(places, name);
    for (const body of ['{', '[]', '"x"', '{"title":"\\ud800"}', `${'['.repeat(200)}${']'.repeat(200)}`]) {
      const bad = await api(server, '/documents/create', { method: 'POST', headers: json, body });
      assert.is((await problemOf(bad)).status, 400, body.slice(0, 20));
    }
  }));

test('whoever has the newest state is answered 304 until it changes', () =>
  withLocalServer(async (server) => {
    assert.is((await create(server, { id: 'plan', title: 'Plan', content: 'one' })).status, 201);
    const past = ['history', 'at?seq=1', 'at?seq=1&as=text', 'diff?from=0', 'diff?from=0&to=1', 'attribution'];
    for (const path of ['/documents/plan?content=text', ...past.map((what) => `/documents/plan/${what}`)]) {
      const first = await api(server, path);
      const etag = first.headers.get('etag') ?? '';
      assert.ok(etag, path);
      await first.body?.cancel();
      const again = await api(server, path, { headers: { 'if-none-match': etag } });
      assert.is(again.status, 304, path);
      assert.is(await again.text(), '');
    }
    const before = (await api(server, '/documents/plan')).headers.get('etag') ?? '';
    const edit = { path: ['content'], action: 'insert', index: 0, value: 'more ' };
    const post = (seq: string) =>
      api(server, '/documents/plan/edits', {
        method: 'POST',
        headers: { ...json, 'if-match': seq },
        body: JSON.stringify(edit),
      });
    assert.is((await post('999')).status, 412);
    const { seq } = (await (await api(server, '/documents/plan')).json()) as { seq: number };
    assert.is((await post(String(seq))).status, 201);
    assert.is((await api(server, '/documents/plan', { headers: { 'if-none-match': before } })).status, 200);
    const headers = { 'if-none-match': `"${seq}-by-content"` };
    assert.is((await api(server, '/documents/plan/attribution', { headers })).status, 200);
  }));

test('a long answer is compressed for those who can read it, a short one is not', () =>
  withLocalServer(async (server) => {
    assert.is((await create(server, { id: 'long', title: 'Long', content: 'x'.repeat(5_000) })).status, 201);
    const encodingOf = async (path: string, accepted: string) => {
      const answer = await api(server, path, { headers: { 'accept-encoding': accepted } });
      await answer.body?.cancel();
      return answer.headers.get('content-encoding');
    };
    assert.is(await encodingOf('/documents/long?content=text', 'gzip'), 'gzip');
    assert.is(await encodingOf('/documents/long/at?seq=1&as=text', 'gzip'), 'gzip');
    assert.is(await encodingOf('/documents/long/diff?from=0', 'gzip'), 'gzip');
    assert.is(await encodingOf('/documents/long?content=text', 'identity'), null);
    assert.is(await encodingOf('/documents/long/at?seq=1&as=text', 'identity'), null);
    assert.is(await encodingOf('/documents/long/attribution', 'gzip'), 'gzip');
    const at = await api(server, '/documents/long/at?seq=1&as=text', {
      headers: { 'accept-encoding': 'gzip', origin: server.url },
    });
    assert.is(await at.text(), 'x'.repeat(5_000));
    assert.match(at.headers.get('vary') ?? '', /accept-encoding/i);
    assert.is(await encodingOf('/documents/long', 'gzip'), null);
  }));

test('an answer in JSON says how long it is, also a problem and one that is given again', () =>
  withLocalServer(async (server) => {
    const lengths = async (answer: Response) => {
      assert.is(answer.headers.get('content-encoding'), null);
      return [answer.status, Number(answer.headers.get('content-length')) - (await answer.arrayBuffer()).byteLength];
    };
    const asked = { 'accept-encoding': 'gzip' };
    const key = { ...asked, 'idempotency-key': 'once' };
    assert.equal(await lengths(await create(server, { id: 'spring', title: 'März' }, key)), [201, 0]);
    const again = await create(server, { id: 'spring', title: 'März' }, key);
    assert.is(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(await lengths(again), [201, 0]);
    assert.equal(await lengths(await api(server, '/documents', { headers: asked })), [200, 0]);
    assert.equal(await lengths(await api(server, '/documents/none', { headers: asked })), [404, 0]);
  }));

test('a body of more than 16 MiB is 413, whether its length is stated or not', () =>
  withLocalServer(async (server) => {
    const size = 16 * 1024 * 1024 + 1;
    const stated = await create(server, 'x'.repeat(size - 2));
    assert.is((await problemOf(stated)).code, 'too-large');
    const chunks = async function* () {
      for (let sent = 0; sent < size; sent += 65_536) yield new Uint8Array(65_536);
    };
    const streamed = await api(server, '/documents/create', {
      method: 'POST',
      headers: json,
      body: ReadableStream.from(chunks()),
      duplex: 'half',
    } as RequestInit);
    assert.is((await problemOf(streamed)).code, 'too-large');
    assert.is((await create(server, { id: 'plan' })).status, 201);
  }));

test('an answer carries the id of its request: the caller’s where it is sane, otherwise a new one', () =>
  withLocalServer(async (server) => {
    const idOf = async (sent?: string) => {
      const answer = await api(
        server,
        '/documents/none',
        sent === undefined ? {} : { headers: { 'x-request-id': sent } },
      );
      assert.is((await problemOf(answer)).instance, '/api/realtime/documents/none');
      return answer.headers.get('x-request-id') ?? '';
    };
    assert.is(await idOf('trace-42'), 'trace-42');
    const [one, two] = [await idOf(), await idOf()];
    assert.ok(one && two && one !== two);
    assert.not.match(await idOf('no <spaces> here'), '<');
  }));

/** What comes back for bytes as they are. */
const exchangeBytes = (server: LocalServer, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(received));
  });

test('bytes that are no HTTP, headers that are too long and a host that is none are answered with problems', () =>
  withLocalServer(async (server) => {
    for (const [bytes, status, code] of [
      ['what is this\r\n\r\n', 400, 'malformed'],
      ['PURGATORY / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'malformed'],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
      ['GET /healthz/live HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n', 400, 'malformed'],
    ] as const) {
      const [head = '', body = ''] = (await exchangeBytes(server, bytes)).split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 30));
      assert.match(head, /content-type: application\/problem\+json/i, bytes.slice(0, 30));
      assert.is((JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '{}') as Problem).code, code);
    }
    assert.is((await fetch(`${server.url}/healthz/ready`)).status, 200);
  }));

test.run();
