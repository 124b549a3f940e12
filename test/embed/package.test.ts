// The package in somebody else's project: what is in it, its types, its command, and a server of it.

import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { withProject } from '../support/installed-package.js';
import { StockClient } from '../support/stock-client.js';

const run = promisify(execFile);

const consumer = `
import { createServer as createHttpServer } from 'node:http';
import { type ContrailServer, ContrailError, ConfigError, createServer, readConfig } from 'contrail';
import { undo } from 'contrail/client';
import { observeFlights } from 'contrail/client/flights';

const server = createHttpServer();
const contrail: ContrailServer = await createServer({
  ...readConfig({ LOG_LEVEL: 'silent', PORT: '3000' }),
  server,
  path: '/collab',
  dataDir: './embedded',
  authenticate: async ({ token, headers, parameters, address, transport }) =>
    token === null ? null : { userId: token, name: headers.get('x-name'), admin: transport === 'rest' && address !== '' && parameters.has('a') },
  authorize: ({ storedRole, documentId }) => (documentId === 'open' ? 'editor' : storedRole),
});
const { seq, lock } = await contrail.documents.create({ id: 'plan', content: 'hello' }, { actor: 'alice' });
const role: 'owner' | 'editor' | 'viewer' | undefined = (await contrail.documents.get('plan')).collaborators[0]?.role;
await contrail.documents.edit('plan', { path: ['content'], action: 'insert', index: 0, value: 'x' }, { ifMatch: seq });
// @ts-expect-error a person's own step needs a person
await contrail.documents.undo('plan', {}).catch((error: unknown) => (error as ContrailError).code satisfies string);
// @ts-expect-error there is no such option
await createServer({ prot: 1 }).catch((error: unknown) => (error as ConfigError).faults);
const paid = await contrail.notifications.sendPayment('alice', { amount: '1.00', currency: 'EUR', status: 'paid', transactionId: 't' });
const told: number = contrail.messages.toAll('tick', { at: paid.createdAt });
console.log(JSON.stringify({ lock, role, told, undo: typeof undo, watch: typeof observeFlights, online: contrail.presence.online() }));
await contrail.close();
`;

test('the package has what it needs to run, and nothing that only its developers need', () =>
  withProject({ beside: [], files: {} }, async ({ files }) => {
    for (const needed of [
      'dist/main.js',
      'dist/contrail.js',
      'dist/contrail.d.ts',
      'dist/writer.js',
      'dist/history-worker.js',
      'dist/web/index.html',
      'data/samples/airports.json',
      'data/samples/airlines.json',
      'deploy/contrail.service',
      'examples/express/server.mjs',
      'README.md',
      'LICENSE',
    ])
      assert.ok(files.includes(needed), needed);
    assert.ok(files.some((file) => /^dist\/web\/assets\/.*\.js$/.test(file)));
    const foreign = files.filter(
      (file) =>
        !/^(dist|docs|examples|deploy|data\/samples)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file) ||
        /\.test\.|\.map$|^(?!examples\/).*\.mjs$|\.db/.test(file),
    );
    assert.equal(foreign, []);
  }));

const required = `
const { createServer } = require('contrail');
createServer({ port: 0, logLevel: 'silent' }).then(async (contrail) => {
  console.log((await contrail.documents.create({ id: 'plan' })).seq);
  await contrail.close();
});
`;

/** The examples of docs/embedding.md, a file each. */
const documented = Object.fromEntries(
  [...readFileSync('docs/embedding.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code], index) => [
    `documented-${index}.ts`,
    code ?? '',
  ]),
);

test('its types hold in a strict project without ours, as do the examples of its documentation, and the programs they allow run', () =>
  withProject(
    {
      beside: ['@types/node', 'undici-types'],
      files: {
        'package.json': '{"type":"module"}',
        'consumer.ts': consumer,
        ...documented,
        'tsconfig.json': JSON.stringify({
          compilerOptions: {
            ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
            ...{ module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom'], types: ['node'], outDir: 'out' },
          },
          files: ['consumer.ts', ...Object.keys(documented)],
        }),
      },
    },
    async ({ folder }) => {
      const compiler = resolve('node_modules/typescript/bin/tsc');
      const checked = await run(process.execPath, [compiler, '-p', folder], { cwd: folder }).catch((error) => error);
      assert.is(checked.stdout, '');
      const { stdout } = await run(process.execPath, ['out/consumer.js'], { cwd: folder, timeout: 30_000 });
      const whole = Object.keys(documented).at(-1)?.replace('.ts', '.js') ?? '';
      const shown = await run(process.execPath, [`out/${whole}`], { cwd: folder, timeout: 30_000 });
      assert.match(shown.stdout, /bob/, 'the last example runs as it stands, and its tail hears of the sharing');
      assert.equal(JSON.parse(stdout), { lock: null, told: 0, undo: 'function', watch: 'function', online: [] });
    },
  ));

test('a CommonJS program requires it', () =>
  withProject({ beside: [], files: { 'program.cjs': required } }, async ({ folder }) => {
    const { stdout } = await run(process.execPath, ['program.cjs'], { cwd: folder, timeout: 30_000 });
    assert.is(stdout, '1\n');
  }));

test('its command explains itself, and starts a server that serves the demo and syncs stock clients', () =>
  withProject({ beside: [], files: { 'package.json': '{"type":"module"}' } }, async ({ folder, bin }) => {
    const { stdout } = await run(bin, ['--help'], { cwd: folder });
    assert.match(stdout, /contrail serve|serve/);

    const child = spawn(bin, ['serve'], { cwd: folder, env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn' } });
    const exited = new Promise<number | null>((done) => child.once('close', done));
    let output = '';
    try {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          output += data;
        });
      }
      const listening = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      await until(() => listening() !== undefined || child.exitCode !== null, 'it listens', 20_000);
      const url = listening();
      if (url === undefined) throw new Error(`it ended:\n${output}`);
      assert.match(await (await fetch(url)).text(), /<!doctype html>/i);
      const wsUrl = url.replace('http', 'ws');
      const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
      const bob = await new StockClient(wsUrl, 'plan', { user: 'bob' }).synced();
      alice.text.insert(0, 'hello');
      await until(() => bob.text.toString() === 'hello', 'bob sees what alice types');
      alice.close();
      bob.close();
      child.kill('SIGTERM');
      assert.is(await exited, 0, output);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  }));

test.run();
