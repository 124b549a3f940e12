// The examples, run as they stand, with stock clients and REST. They import the package by its name, so it is built first.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { buildPackage } from '../support/built-package.js';
import { until, within } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';

const withExample = async (file: string, work: (url: string, child: ChildProcess) => Promise<void>): Promise<void> => {
  await buildPackage();
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-example-'));
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  let output = '';
  try {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        output += data;
      });
    }
    await until(
      () => /http:\/\/127\.0\.0\.1:\d+/.test(output) || child.exitCode !== null,
      'the example listens',
      20_000,
    );
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
    if (url === undefined) throw new Error(`the example ended:\n${output}`);
    await work(url, child);
    child.kill('SIGTERM');
    assert.is(await within(exited, 'it ends by itself after SIGTERM', 10_000), 0, output);
  } finally {
    child.kill('SIGKILL');
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const bodyOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

test('examples/express: pages are Express’, documents and REST are ours, and the application sends by calling', () =>
  withExample('examples/express/server.mjs', async (url) => {
    assert.match(await bodyOf(url), /the application’s own/);
    assert.match(await bodyOf(`${url}/nowhere`), /Cannot GET \/nowhere/);
    const wsUrl = `${url.replace('http', 'ws')}/collab`;
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    const bob = await new StockClient(wsUrl, 'plan', { user: 'bob' }).synced();
    alice.text.insert(0, 'hello');
    await until(() => bob.text.toString() === 'hello', 'bob sees what alice types');
    const read = JSON.parse(await bodyOf(`${url}/collab/api/realtime/documents/plan?content=text`)) as {
      content: object;
    };
    assert.equal(read.content, { content: 'hello' });
    const sent = JSON.parse(await bodyOf(`${url}/welcome/alice`, { method: 'POST' })) as { id: string };
    await until(() => alice.doc.getMap('notifications').has(sent.id), 'the welcome is in her inbox');
    alice.close();
    bob.close();
  }));

test('examples/next-custom-server: the session cookie of the pages opens documents and REST', () =>
  withExample('examples/next-custom-server/server.mjs', async (url) => {
    const login = await fetch(`${url}/login?as=alice`);
    assert.is(await login.text(), 'rendered /login?as=alice');
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    assert.is(cookie, 'session=alice');

    const wsUrl = `${url.replace('http', 'ws')}/collab`;
    // As a browser does: the cookie goes with the handshake, and so does the page's origin.
    class WithCookie extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols ?? [], { headers: { cookie }, origin: url });
      }
    }
    const alice = await new StockClient(wsUrl, 'plan', { user: 'mallory', socketClass: WithCookie }).synced();
    alice.text.insert(0, 'hello');
    const api = `${url}/collab/api/realtime/documents/plan`;
    await until(
      async () => (await bodyOf(`${api}?content=text`, { headers: { cookie } })).includes('hello'),
      'REST has it',
    );
    const history = JSON.parse(await bodyOf(`${api}/history`, { headers: { cookie } })) as {
      events: { actor: string }[];
    };
    assert.equal(
      history.events.map(({ actor }) => actor),
      ['alice', 'alice'],
    );
    assert.is((await fetch(api)).status, 401);
    const stranger = new StockClient(wsUrl, 'plan', { user: 'alice' });
    await until(() => stranger.closes.length > 0, 'without the cookie nobody comes in');
    assert.is(stranger.closes[0], 4401);
    stranger.close();
    alice.close();
  }));

test.run();
