// Tokens: which come in, by which ways, which never do, and that none is ever written down.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, configWith } from '../../src/config.js';
import { tokenVerifier } from '../../src/http/authentication.js';
import { ContrailError } from '../../src/model/errors.js';
import { startServer as createContrail } from '../../src/server.js';
import { until } from '../support/deadline.js';
import { forgeries, signHmac, signRsa } from './forgeries.js';
import { inWorld, secret, tokenOf } from './world.js';

const issuer = 'https://host.example';
const audience = 'contrail';

/** A local key server; counts how often it was asked. */
const keyServer = async (): Promise<{
  url: string;
  asked: () => number;
  keys: unknown[];
  answer: (status: number) => void;
  close: () => void;
}> => {
  const keys: unknown[] = [];
  let asked = 0;
  let status = 200;
  const server: Server = createServer((_request, response) => {
    asked += 1;
    if (status === 0) return; // hangs
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    asked: () => asked,
    keys,
    answer: (next) => {
      status = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });
const soon = () => Math.floor(Date.now() / 1000) + 600;
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return error instanceof ContrailError ? error.code : String(error);
  }
};

test('a token comes in by the query, by a subprotocol beside contrail, and by a header', () =>
  inWorld(async (world) => {
    await world.document('plan');
    for (const by of ['query', 'protocol', 'header'] as const) {
      const alice = await world.join('plan', 'alice', { by, name: 'Alice' });
      assert.is((await alice.ask('hello')).ok?.['actor'], 'alice', by);
      alice.destroy();
    }
    assert.is((await world.connect('plan', '').closing()).code, 4401);
    assert.is((await world.call('GET', '/documents', null)).status, 401);
    const claimed = await fetch(`${world.url}/api/realtime/documents`, { headers: { 'x-user-id': 'alice' } });
    assert.is(claimed.status, 401, 'an id that is merely claimed is nobody');
  }));

for (const kind of ['a secret', 'a key set'] as const) {
  test(`at least 300 forged tokens, none of which comes in where ${kind} decides`, async () => {
    const server = await keyServer();
    const pair = rsa();
    server.keys.push(jwk(pair.publicKey, 'server'));
    const bySecret = kind === 'a secret';
    const publicPem = String(pair.publicKey.export({ format: 'pem', type: 'spki' }));
    const signProperly = (header: object, claims: object): string =>
      bySecret
        ? signHmac({ alg: 'HS256', ...header }, claims, secret)
        : signRsa({ alg: 'RS256', kid: 'server', ...header }, claims, pair.privateKey);
    try {
      const verify = tokenVerifier({
        secret: bySecret ? secret : '',
        jwksUrl: bySecret ? '' : server.url,
        issuer,
        audience,
        now: Date.now,
      });
      if (!verify) throw new Error('open mode');
      const good = signProperly({}, { sub: 'alice', iss: issuer, aud: audience, exp: soon() });
      assert.is((await verify(good)).userId, 'alice', 'a proper one comes in, or this would show nothing');
      const all = await forgeries({ publicPem, issuer, audience, signProperly, jwksUrl: `${server.url}?mallory` });
      assert.ok(all.length >= 300, `${all.length} forgeries`);
      const accepted: string[] = [];
      for (const { name, token } of all) {
        const code = await codeOf(verify(token));
        if (code !== 'unauthenticated' && code !== 'token-expired') accepted.push(`${name}: ${code}`);
      }
      assert.equal(accepted, []);
    } finally {
      server.close();
    }
  });
}

test('forged tokens get neither a connection nor an answer', () =>
  inWorld(
    async (world) => {
      await world.document('plan');
      const signProperly = (header: object, claims: object) => signHmac({ alg: 'HS256', ...header }, claims, secret);
      const all = await forgeries({
        publicPem: 'none',
        issuer,
        audience,
        signProperly,
        jwksUrl: 'http://127.0.0.1:9/',
      });
      const some = all.filter(
        ({ token }, index) => index % 11 === 0 && token.length < 8000 && /^[\x21-\x7e]+$/.test(token),
      );
      const isIssued = (name: string) => /issuer|audience/.test(name); // this server asks for neither
      for (const { name, token } of some.filter((each) => !isIssued(each.name))) {
        assert.is((await world.connect('plan', encodeURIComponent(token)).closing()).code, 4401, name);
        assert.is((await world.call('GET', '/documents/plan', token)).status, 401, name);
      }
      assert.is(world.rows('plan').length, 1);
    },
    { config: { maxFailuresPerAddress: 0 } },
  ));

test('a key set is read again when a token names a new key, and a key server that hangs is no refusal', async () => {
  const server = await keyServer();
  const [first, second] = [rsa(), rsa()];
  const token = (key: KeyObject, kid: string) => signRsa({ alg: 'RS256', kid }, { sub: 'alice', exp: soon() }, key);
  server.keys.push(jwk(first.publicKey, 'one'));
  try {
    const make = () => {
      const verify = tokenVerifier({ secret: '', jwksUrl: server.url, issuer: '', audience: '', now: Date.now });
      if (!verify) throw new Error('open mode');
      return verify;
    };
    const verify = make();
    assert.is((await verify(token(first.privateKey, 'one'))).userId, 'alice');
    await verify(token(first.privateKey, 'one'));
    assert.is(server.asked(), 1, 'keys are kept');
    server.keys.splice(0, 1, jwk(second.publicKey, 'two'));
    assert.is(
      await codeOf(verify(token(second.privateKey, 'two'))),
      'unauthenticated',
      'not asked again within the cool-down',
    );
    assert.is(server.asked(), 1);
    const later = make();
    assert.is((await later(token(second.privateKey, 'two'))).userId, 'alice');
    assert.is(
      await codeOf(later(token(first.privateKey, 'one'))),
      'unauthenticated',
      'a key that was taken out counts no more',
    );
    server.answer(500);
    assert.is(await codeOf(make()(token(second.privateKey, 'two'))), 'overloaded');
    server.close();
    assert.is(await codeOf(make()(token(second.privateKey, 'two'))), 'overloaded');
  } finally {
    server.close();
  }
});

test('RS256, ES256 and EdDSA keys of a set are accepted', async () => {
  const server = await keyServer();
  const [ec, ed] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed25519')];
  server.keys.push(jwk(ec.publicKey, 'ec'), jwk(ed.publicKey, 'ed'));
  const token = (alg: string, kid: string, key: KeyObject) => {
    const input = [
      { alg, kid },
      { sub: 'alice', exp: soon() },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature =
      alg === 'EdDSA'
        ? sign(null, Buffer.from(input), key)
        : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
  try {
    const verify = tokenVerifier({ secret: '', jwksUrl: server.url, issuer: '', audience: '', now: Date.now });
    assert.is((await verify?.(token('ES256', 'ec', ec.privateKey)))?.userId, 'alice');
    assert.is((await verify?.(token('EdDSA', 'ed', ed.privateKey)))?.userId, 'alice');
  } finally {
    server.close();
  }
});

test('a token within 30 s of its end still comes in', async () => {
  const exp = 1_800_000_000;
  const token = await tokenOf('alice', { exp, name: 'Alice', roles: ['admin'], documents: { plan: 'viewer' } });
  const at = (seconds: number) =>
    tokenVerifier({ secret, jwksUrl: '', issuer: '', audience: '', now: () => seconds * 1000 })?.(token);
  assert.equal(await at(exp - 10), {
    userId: 'alice',
    name: 'Alice',
    admin: true,
    documents: Object.assign(Object.create(null), { plan: 'viewer' }),
    expiresAt: exp * 1000,
  });
  assert.is((await at(exp + 29))?.expiresAt, (exp + 30) * 1000);
  assert.is(await codeOf(at(exp + 31) ?? Promise.resolve()), 'token-expired');
});

test('both a secret and a key set, or no authentication beyond loopback, are refused at start', async () => {
  const both = configWith({ port: 0, jwtSecret: secret, jwksUrl: 'http://127.0.0.1:9/', logLevel: 'silent' });
  assert.is(await codeOf(createContrail(both)), 'bad-request');
  const open = createContrail(configWith({ port: 0, host: '0.0.0.0', logLevel: 'silent' }));
  const fault = await open.catch((error: unknown) => error);
  assert.instance(fault, ConfigError);
  assert.match((fault as ConfigError).message, /^HOST=0\.0\.0\.0: .*ALLOW_ANONYMOUS=true/);
});

test('an address that fails too often is turned away for a while, even with a good token', () =>
  inWorld(
    async (world) => {
      for (let round = 0; round < 5; round += 1)
        assert.is((await world.call('GET', '/documents', 'forged')).status, 401);
      assert.is((await world.call('GET', '/documents', await tokenOf('alice'))).status, 429);
      assert.is((await world.connect('plan', await tokenOf('alice')).closing()).code, 1013);
    },
    { config: { maxFailuresPerAddress: 5 } },
  ));

test('a user, and an address, that connects too often is turned away for a while', () =>
  inWorld(
    async (world) => {
      for (let round = 0; round < 3; round += 1) await world.join('plan', 'alice');
      assert.is((await world.connect('plan', await tokenOf('alice')).closing()).code, 1013);
      await world.join('other', 'bob');
      const refused = world.connect('other', await tokenOf('bob'));
      await until(() => refused.closed !== null, 'the handshake is refused');
      assert.is(refused.closed?.code, 1006);
    },
    { config: { maxConnectsPerUser: 3, maxConnectsPerAddress: 5 } },
  ));

test('a token that is sent by every way and through every error is in no log line, metric or database file', () =>
  inWorld(
    async (world) => {
      await world.document('plan');
      const canary = 'CaNaRyCaNaRyCaNaRy';
      const forged = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ${canary}.${canary}`;
      const good = await tokenOf('alice', { name: 'Alice' });
      const signature = good.split('.')[2] ?? '';
      for (const token of [forged, canary, `${good}x`]) {
        for (const by of ['query', 'protocol', 'header'] as const) await world.connect('plan', token, { by }).closing();
        for (const path of ['/documents', '/documents/plan', `/documents/plan?token=${token}`, '/nowhere', '/stats'])
          for (const method of ['GET', 'POST', 'DELETE']) await world.call(method, path, token);
        await fetch(`${world.url}/api/realtime/documents/plan?token=${token}`);
        await fetch(`${world.url}/api/realtime/documents/${encodeURIComponent(forged)}`, {
          headers: { authorization: `Bearer ${good}` },
        });
        if (token !== canary) await fetch(`${world.url}/${token}`); // in a path, only what looks like a token can be known for one
      }
      // With a good token into every kind of refusal.
      for (const by of ['query', 'protocol', 'header'] as const) {
        for (const path of ['..', 'a//b', '%zz', 'x'.repeat(200)]) await world.connect(path, good, { by }).closing();
        const alice = world.connect('plan', good, { by });
        await alice.sync();
        alice.send(by === 'query' ? 'text' : by === 'header' ? Uint8Array.of(99) : Uint8Array.of(0, 2, 3, 1, 2, 3));
        await alice.closing();
      }
      for (const [method, path, body] of [
        ['GET', '/documents/none', undefined],
        ['POST', '/documents/create', { id: '..' }],
        ['POST', '/documents/create', { id: 'plan' }],
        ['POST', '/documents/plan/share', { userIds: ['alice'], role: 'viewer' }],
        ['PUT', '/documents/plan/lock', { ttlSeconds: -1 }],
      ] as const)
        await world.call(method, path, good, body);
      const metrics = await (await fetch(`${world.url}/metrics`)).text();
      const files = readdirSync(world.dataDir).map((file) =>
        readFileSync(join(world.dataDir, file)).toString('latin1'),
      );
      assert.ok(
        world.lines.some((line) => line.includes('unauthenticated')),
        'refusals are logged',
      );
      assert.ok(
        world.lines.some((line) => line.includes('"connected"') && line.includes('alice')),
        'so are connects',
      );
      for (const text of [...world.lines, metrics, ...files])
        for (const part of [canary, signature, secret]) assert.not(text.includes(part), text.slice(0, 300));
    },
    { config: { maxFailuresPerAddress: 0 } },
  ));

test.run();
