// What `createServer` makes of its options before anything is begun.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, createServer, type ServerOptions } from '../../src/contrail.js';

const faultsOf = async (options: object): Promise<readonly string[]> => {
  try {
    const server = await createServer(options as ServerOptions);
    await server.close();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

test('all faults are listed at once, each with the name of its option', async () => {
  assert.equal(
    await faultsOf({
      port: '1234',
      maxRooms: 0,
      channels: ['flights', 'weather'],
      allowedOrigins: 'https://example.com',
      JWT_SECRET: 'x',
      datadir: 'x',
      colour: 'red',
      path: '/collab',
      authenticate: 'yes',
      logger: {},
      demoPages: 1,
      flightSource: 'aeroapi',
    }),
    [
      'JWT_SECRET: is no option; it is called jwtSecret',
      'datadir: is no option; it is called dataDir',
      'colour: is no option',
      'port: must be a number',
      'channels: must list flights, flights:<board>, notifications and positions, or be none',
      'allowedOrigins: must be a list of strings',
      'maxRooms: must be a whole number from 1 to 1000000',
      'path: is for a server of your own: give it as server',
      'demoPages: must be true or false',
      'authenticate: must be a function',
      'logger: must be a pino logger',
      'flightSource=aeroapi: needs aeroApiKey',
    ],
  );
});

test('a server that is handed in needs a path', async () => {
  const server = createHttpServer();
  assert.equal(await faultsOf({ server }), ['path: is needed with server, such as "/collab"']);
  for (const path of ['collab', '/', '/collab/', '/a//b', '/a?b', '/ü', 7])
    assert.equal(await faultsOf({ server, path }), ['path: must be like "/collab", without a slash at its end']);
  assert.equal(await faultsOf({ server, path: '/a', demoPages: true }), ['demoPages: is for a server of its own']);
  assert.equal(await faultsOf({ server: {}, path: '/a' }), ['server: must be a server of node:http or node:https']);
  assert.is(server.listenerCount('upgrade'), 0, 'nothing was begun');
});

test('there is one way to say who somebody is', async () => {
  assert.equal(await faultsOf({ authenticate: () => null, jwtSecret: 'x'.repeat(32) }), [
    'authenticate: takes the place of jwtSecret and jwksUrl',
  ]);
});

test('when the address is taken nothing stays behind: the database is free for the next attempt', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-taken-'));
  const options = { dataDir, durability: 'normal', logLevel: 'silent' } as const;
  const other = createHttpServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await createServer({ ...options, port }).catch((error: unknown) => error);
      assert.is((failure as NodeJS.ErrnoException).code, 'EADDRINUSE');
    }
    const server = await createServer({ ...options, port: 0 });
    assert.is((await fetch(`${server.url}/healthz/ready`)).status, 200);
    await server.close();
  } finally {
    other.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
