// Whose address is counted when proxies stand in front, and that nobody can choose it who is none of them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { configWith, readConfig } from '../../src/config.js';
import { clientAddress } from '../../src/http/client-address.js';
import { inWorld, tokenOf, type World } from '../access/world.js';
import { withHosted } from '../embed/hosted.js';
import { until } from '../support/deadline.js';

const failure = async (world: World, forwarded: string | null): Promise<number> => {
  const headers: Record<string, string> = { authorization: 'Bearer forged' };
  if (forwarded !== null) headers['x-forwarded-for'] = forwarded;
  return (await fetch(`${world.url}/api/realtime/documents`, { headers })).status;
};
/** 101 for a handshake that was completed, otherwise the status. */
const handshake = (world: World, forwarded: string, token: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${world.wsUrl}/plan?token=${token}`, { headers: { 'x-forwarded-for': forwarded } });
    socket.once('error', reject);
    socket.once('open', () => {
      resolve(101);
      socket.close();
    });
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      resolve(statusCode);
      request.destroy();
    });
  });

test('the list is read from its end, past trusted proxies alone', () => {
  const of = clientAddress(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
  const cases: readonly (readonly [peer: string, forwarded: string | undefined, client: string])[] = [
    ['127.0.0.1', '203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', '1.1.1.1, 203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', '1.1.1.1, 203.0.113.5, 10.1.2.3', '203.0.113.5'],
    ['127.0.0.1', '203.0.113.5 ,fd00::7', '203.0.113.5'],
    ['::ffff:127.0.0.1', '2001:db8::1', '2001:db8::1'],
    ['::ffff:127.0.0.1', '[2001:DB8::1]:443', '2001:db8::1'],
    ['127.0.0.1', '203.0.113.5:60123', '203.0.113.5'],
    ['127.0.0.1', '::ffff:203.0.113.5', '203.0.113.5'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.5, unknown', '127.0.0.1'],
    ['127.0.0.1', '1.1.1.1, <script>, 10.0.0.9', '10.0.0.9'],
    ['127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['fe80::1%eth0', '1.1.1.1', 'fe80::1'],
    ['', '1.1.1.1', ''],
  ];
  for (const [peer, forwarded, client] of cases) assert.is(of(peer, forwarded), client, `${peer} said ${forwarded}`);
  assert.is(of('127.0.0.1', ['1.1.1.1', '203.0.113.5, 10.0.0.1']), '203.0.113.5', 'several headers are one list');
  assert.is(clientAddress([])('127.0.0.1', '203.0.113.5'), '127.0.0.1', 'nobody is believed unless it is said');
  assert.is(clientAddress(['0.0.0.0/0', '::/0'])('2001:db8::9', '203.0.113.5, 2001:db8::8'), '203.0.113.5');
});

test('behind a trusted proxy each client has limits of its own, over REST and WebSocket', () =>
  inWorld(
    async (world) => {
      for (let round = 0; round < 3; round += 1)
        assert.is(
          await failure(world, `198.51.100.${round}, 203.0.113.5`),
          401,
          'what stands before it is anybody’s word',
        );
      assert.is(await failure(world, '203.0.113.5'), 429);
      assert.is(await failure(world, '203.0.113.6'), 401);
      const token = await tokenOf('alice');
      await world.document('plan');
      const came = [];
      for (let round = 0; round < 4; round += 1)
        came.push(await handshake(world, `${round}.1.1.1, 203.0.113.7`, token));
      assert.equal(came, [101, 101, 429, 429]);
      assert.is(await handshake(world, '203.0.113.8', token), 101);
      const staying = new WebSocket(`${world.wsUrl}/plan?token=${token}`, {
        headers: { 'x-forwarded-for': '2001:db8::9' },
      });
      await until(
        () => world.lines.some((line) => line.includes('"address":"2001:db8::9"')),
        'log lines name the client',
      );
      staying.close();
    },
    { config: { trustedProxies: ['127.0.0.0/8'], maxFailuresPerAddress: 3, maxConnectsPerAddress: 2 } },
  ));

for (const [who, trustedProxies] of [
  ['nobody is trusted', []],
  ['the peer is none of the proxies', ['10.0.0.0/8']],
] as const)
  test(`a forged header changes nothing where ${who}`, () =>
    inWorld(
      async (world) => {
        await world.document('plan');
        for (let round = 0; round < 3; round += 1) assert.is(await failure(world, `203.0.113.${round}`), 401);
        assert.is(await failure(world, '203.0.113.77'), 429);
        assert.is(await failure(world, '10.0.0.1'), 429);
        const token = await tokenOf('alice');
        const came = [];
        for (let round = 0; round < 3; round += 1) came.push(await handshake(world, `203.0.113.${round}`, token));
        assert.equal(came, [101, 101, 429]);
      },
      { config: { trustedProxies: [...trustedProxies], maxFailuresPerAddress: 3, maxConnectsPerAddress: 2 } },
    ));

test('code that authenticates is given the client’s address', async () => {
  const seen: string[] = [];
  await withHosted(
    async ({ contrail, hostUrl }) => {
      const headers = { 'x-forwarded-for': '203.0.113.5' };
      assert.is((await fetch(`${hostUrl}/collab/api/realtime/documents`, { headers })).status, 200);
      assert.equal(seen, ['203.0.113.5']);
      assert.ok(contrail.url);
    },
    {
      trustedProxies: ['127.0.0.1'],
      authenticate: ({ address }) => {
        seen.push(address);
        return { userId: 'alice' };
      },
    },
  );
});

test('what is no address or range is refused at start', () => {
  assert.equal(configWith({}).trustedProxies, []);
  assert.equal(readConfig({ TRUSTED_PROXIES: '10.0.0.1, fd00::/8' }).trustedProxies, ['10.0.0.1', 'fd00::/8']);
  for (const wrong of ['10.0.0.1/33', '10.0.0.0/', '10.0.0.0/8/8', 'loopback', '10.0.0', '::1/129', '10.0.0.0/-1'])
    assert.throws(() => readConfig({ TRUSTED_PROXIES: wrong }), wrong);
});

test.run();
