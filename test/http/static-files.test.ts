// The demo application's files as a browser gets them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readStaticFiles, staticFiles } from '../../src/http/static-files.js';

const page = `<!doctype html>${'<p>words</p>'.repeat(100)}`;

const withApp = async (work: (app: Hono) => Promise<void>): Promise<void> => {
  const outer = mkdtempSync(join(tmpdir(), 'contrail-static-'));
  const folder = join(outer, 'web');
  try {
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(outer, 'secret.txt'), 'not for you');
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'let answer = 42;');
    writeFileSync(join(folder, 'notes.unknown'), 'of no known type');
    const app = new Hono();
    app.use(staticFiles(readStaticFiles(folder)));
    app.notFound((context) => context.text('nothing here', 404));
    await work(app);
  } finally {
    rmSync(outer, { recursive: true, force: true });
  }
};

test('the page comes with its type, its policy and a tag that saves the second transfer', async () => {
  await withApp(async (app) => {
    const answer = await app.request('/', { headers: { host: 'example.org:1234' } });
    assert.is(answer.status, 200);
    assert.is(await answer.text(), page);
    assert.is(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.is(answer.headers.get('cache-control'), 'no-cache');
    assert.match(answer.headers.get('content-security-policy') ?? '', "default-src 'self'");
    assert.match(answer.headers.get('content-security-policy') ?? '', 'ws://example.org:1234');
    const tag = answer.headers.get('etag') ?? '';
    const again = await app.request('/', { headers: { 'if-none-match': `"other", W/${tag}` } });
    assert.is(again.status, 304);
    assert.is(await again.text(), '');
  });
});

test('a browser that takes gzip gets gzip, HEAD gets no body, assets are kept for a year', async () => {
  await withApp(async (app) => {
    const packed = await app.request('/', { headers: { 'accept-encoding': 'br, gzip' } });
    assert.is(packed.headers.get('content-encoding'), 'gzip');
    assert.is(gunzipSync(Buffer.from(await packed.arrayBuffer())).toString(), page);
    assert.is(
      (await app.request('/', { headers: { 'accept-encoding': 'gzip;q=0' } })).headers.get('content-encoding'),
      null,
    );
    const head = await app.request('/', { method: 'HEAD' });
    assert.is(head.headers.get('content-length'), String(page.length));
    assert.is(await head.text(), '');
    const asset = await app.request('/assets/app-1a2b.js');
    assert.is(asset.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.match(asset.headers.get('cache-control') ?? '', 'immutable');
    assert.is(asset.headers.get('content-security-policy'), null);
  });
});

test('nothing but the files of the folder is answered, however a path is written', async () => {
  await withApp(async (app) => {
    const paths = [
      '/index.html',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/../../secret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
      '//secret.txt',
      '/assets/',
      '/notes.unknown',
      '/my-document',
    ];
    for (const path of paths) assert.is((await app.request(path)).status, 404, path);
    assert.is((await app.request('/', { method: 'POST' })).status, 404);
  });
});

test('a host that is no host never reaches the policy, and a missing folder is an empty one', async () => {
  await withApp(async (app) => {
    const answer = await app.request('/', { headers: { host: "evil; script-src 'unsafe-inline'" } });
    assert.not.match(answer.headers.get('content-security-policy') ?? '', 'evil');
  });
  assert.is(readStaticFiles(join(tmpdir(), 'no-such-folder')).size, 0);
});

test.run();
