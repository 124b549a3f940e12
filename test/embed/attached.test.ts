// Contrail below a path of a server that is somebody else's: what is ours, what stays the host's, and what is left after `close`.

import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { createServer } from '../../src/contrail.js';
import { until, within } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';
import { withHosted } from './hosted.js';

const withSecond = async (server: Server, work: (url: string) => Promise<void>): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-second-'));
  const contrail = await createServer({ server, path: '/second', dataDir, durability: 'normal', logLevel: 'silent' });
  try {
    await work(contrail.url);
  } finally {
    await contrail.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const bodyOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

/** Sends bytes as they are and collects what comes until the peer ends, or `enough` holds. */
const speak = (hostUrl: string, text: string, enough: (answer: string) => boolean): Promise<string> =>
  within(
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(hostUrl).port), '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
        if (!enough(answer)) return;
        socket.destroy();
        resolve(answer);
      });
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
      socket.write(text);
    }),
    'an answer',
  );

test('stock clients sync below the path, and REST answers there with the path in what it points to', () =>
  withHosted(async ({ hostUrl, wsUrl, contrail }) => {
    assert.is(contrail.url, `${hostUrl}/collab`);
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    const bob = await new StockClient(wsUrl, 'plan', { user: 'bob' }).synced();
    alice.text.insert(0, 'hello');
    await until(() => bob.text.toString() === 'hello', 'bob sees it');

    const created = await fetch(`${contrail.url}/api/realtime/documents/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user-id': 'alice' },
      body: JSON.stringify({ id: 'other' }),
    });
    assert.is(created.status, 201);
    assert.is(created.headers.get('location'), '/collab/api/realtime/documents/other');
    assert.is((await fetch(`${hostUrl}${created.headers.get('location')}`)).status, 200);
    const page = await fetch(`${contrail.url}/api/realtime/documents?limit=1`);
    const next = /<([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    assert.ok(next.startsWith('/collab/api/realtime/documents?'), next);
    assert.is((await fetch(hostUrl + next)).status, 200);
    const missing = await fetch(`${contrail.url}/api/realtime/documents/nowhere`);
    assert.is(missing.status, 404);
    assert.is(((await missing.json()) as { instance: string }).instance, '/collab/api/realtime/documents/nowhere');
    assert.is((await fetch(`${contrail.url}/healthz/ready`)).status, 200);
    alice.close();
    bob.close();
  }));

test('everything else of the host reaches the host, unchanged', () =>
  withHosted(async ({ hostUrl }) => {
    for (const path of ['/', '/collaboration', '/api/realtime/stats', '/x/collab', '/Collab/a?b=c'])
      assert.is(await bodyOf(hostUrl + path), `the host saw GET ${path}`);
    assert.is(await bodyOf(`${hostUrl}/form`, { method: 'POST', body: 'x' }), 'the host saw POST /form');
  }));

test('an offer to upgrade that is not ours is a plain request to a host that has no use for it, its body and what follows included', () =>
  withHosted(async ({ hostUrl }) => {
    const offer = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    const answer = await speak(
      hostUrl,
      `POST /form HTTP/1.1\r\n${offer}Content-Length: 2\r\n\r\nhiGET /second HTTP/1.1\r\nHost: x\r\n\r\n`,
      (text) => text.includes('/second'),
    );
    assert.match(answer, /the host saw POST \/form/);
    assert.match(answer, /the host saw GET \/second/);
    const last = await speak(
      hostUrl,
      'GET /last HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nX-Kept: 1\r\n\r\n',
      () => false,
    );
    assert.match(last, /the host saw GET \/last/, 'and the end of the connection that it asked for is kept');
  }));

test("the host's own WebSockets work beside ours, whichever came first", () =>
  withHosted(async ({ host, hostUrl, wsUrl }) => {
    const chat = new WebSocketServer({ server: host, path: '/chat' });
    chat.on('connection', (socket) => socket.send('welcome'));
    const socket = new WebSocket(`${hostUrl.replace('http', 'ws')}/chat`);
    const [hello] = await within(
      new Promise<unknown[]>((resolve) => socket.once('message', (...data) => resolve(data))),
      'a greeting',
    );
    assert.is(String(hello), 'welcome');
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    assert.ok(alice.provider.wsconnected);
    alice.close();
    socket.terminate();
    chat.close();
  }));

test('close ends our connections with 1012 and nothing of the host, whose path is its own again', () =>
  withHosted(async ({ host, hostUrl, wsUrl, contrail }) => {
    const emit = Object.getOwnPropertyDescriptor(host, 'emit');
    assert.ok(emit, 'the path is caught');
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    await contrail.close();
    await until(() => alice.closes.length > 0, 'alice is told');
    assert.is(alice.closes[0], 1012);
    alice.close();
    assert.is(await bodyOf(`${hostUrl}/collab/api/realtime/stats`), 'the host saw GET /collab/api/realtime/stats');
    assert.is(await bodyOf(`${hostUrl}/`), 'the host saw GET /');
    assert.is(host.emit, Object.getPrototypeOf(host).emit);
    assert.is(host.listenerCount('upgrade'), 0);
    await contrail.close();
  }));

test('a second server lives below another path of the same host', () =>
  withHosted(async ({ host, hostUrl }) => {
    await withSecond(host, async (url) => {
      assert.is(url, `${hostUrl}/second`);
      assert.is((await fetch(`${url}/healthz/live`)).status, 200);
      assert.is((await fetch(`${hostUrl}/collab/healthz/live`)).status, 200);
      const offer = 'GET /form HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n';
      assert.match(await speak(hostUrl, offer, () => false), /the host saw GET \/form/);
    });
    assert.is(await bodyOf(`${hostUrl}/second/healthz/live`), 'the host saw GET /second/healthz/live');
    assert.is((await fetch(`${hostUrl}/collab/healthz/live`)).status, 200);
  }));

test('in open mode only loopback addresses are heard, whatever address the host listens on', () =>
  withHosted(async ({ host, contrail, wsUrl }) => {
    host.on('connection', (socket) => Object.defineProperty(socket, 'localAddress', { value: '192.0.2.7' }));
    const answer = await fetch(`${contrail.url}/api/realtime/stats`);
    assert.is(answer.status, 403);
    assert.match(await answer.text(), /loopback/);
    assert.is((await fetch(`${contrail.url}/healthz/live`)).status, 200);
    const mallory = new StockClient(wsUrl, 'plan', { user: 'mallory' });
    await until(() => mallory.closes.length > 0, 'the connection is refused');
    assert.is(mallory.closes[0], 4403);
    mallory.close();
  }));

test.run();
