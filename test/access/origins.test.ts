// Which pages may talk to the server, over WebSocket and over REST.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { inWorld, tokenOf, type World } from './world.js';

const handshake = (world: World, origin: string, token: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${world.wsUrl}/plan?token=${token}`, { origin });
    socket.once('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.once('error', (error) => resolve(error.message));
  });

const preflight = async (world: World, origin: string): Promise<string | null> => {
  const headers = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' };
  const answer = await fetch(`${world.url}/api/realtime/documents/plan/lock`, { method: 'OPTIONS', headers });
  return answer.headers.get('access-control-allow-origin');
};

test('without a list, pages of the same host alone', () =>
  inWorld(async (world) => {
    const token = await tokenOf('alice');
    assert.is(await handshake(world, 'http://127.0.0.1:8080', token), 'open');
    assert.match(await handshake(world, 'https://mallory.example', token), /403/);
    assert.is(await preflight(world, 'http://127.0.0.1:8080'), 'http://127.0.0.1:8080');
    assert.is(await preflight(world, 'https://mallory.example'), null);
  }));

test('with a list, its origins alone', () =>
  inWorld(
    async (world) => {
      const token = await tokenOf('alice');
      assert.is(await handshake(world, 'https://app.example', token), 'open');
      assert.match(await handshake(world, 'http://127.0.0.1:8080', token), /403/);
      assert.is(await preflight(world, 'https://app.example'), 'https://app.example');
      assert.is(await preflight(world, 'null'), null);
    },
    { config: { allowedOrigins: ['https://app.example'] } },
  ));

test('a page may read the headers that matter, and caches are told that the origin does, whoever asks', () =>
  inWorld(async (world) => {
    const headersFor = async (headers: Record<string, string>) =>
      (await fetch(`${world.url}/healthz/live`, { headers })).headers;
    const page = await headersFor({ origin: 'http://127.0.0.1:8080' });
    assert.is(page.get('access-control-allow-origin'), 'http://127.0.0.1:8080');
    assert.match(page.get('access-control-expose-headers') ?? '', 'X-Contrail-Seq');
    const mallory = await headersFor({ origin: 'https://mallory.example' });
    assert.is(mallory.get('access-control-allow-origin'), null);
    const program = await headersFor({});
    assert.is(program.get('access-control-allow-origin'), null);
    for (const headers of [page, mallory, program]) assert.match(headers.get('vary') ?? '', 'Origin');
  }));

test.run();
