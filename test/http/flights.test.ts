// The flight routes as callers meet them: answers, faults, pages, and who may do what.

import { SignJWT } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LocalServer, withLocalServer } from '../support/local-server.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

const caller =
  (server: LocalServer, headers: Readonly<Record<string, string>>) =>
  async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${server.url}/api/realtime${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
  };

const leg = {
  flightNumber: 'DL123',
  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  scheduledDeparture: '2027-01-10T10:00:00Z',
  scheduledArrival: '2027-01-10T14:30:00Z',
  source: 'push',
};

test('a flight is tracked once, read, changed, fed, stopped, and its history tells who did it', () =>
  withLocalServer(async (server) => {
    const call = caller(server, { 'x-user-id': 'alice' });
    const first = await call('POST', '/flights/track', { ...leg, flightId: 'FL-001', watchers: ['bob'] });
    assert.is(first.status, 201);
    assert.is(first.headers.get('location'), '/api/realtime/flights/FL-001');
    const again = await call('POST', '/flights/track', leg);
    assert.is(again.status, 200);
    assert.is(again.body['flightId'], 'FL-001');
    assert.equal((await call('GET', '/flights/FL-001')).body, first.body);

    const patched = await call('PATCH', '/flights/FL-001', { gate: 'B12', until: '2027-01-10T12:00:00Z' });
    assert.is(patched.body['gate'], 'B12');
    const pushed = await call('POST', '/flights/FL-001/updates', { phase: 'boarding', gate: 'A1', terminal: 'S' });
    assert.equal([pushed.body['status'], pushed.body['gate'], pushed.body['terminal']], ['boarding', 'B12', 'S']);
    const cleared = await call('PATCH', '/flights/FL-001', { gate: null });
    assert.is(cleared.body['gate'], 'A1');

    const illegal = await call('PATCH', '/flights/FL-001', { phase: 'diverted' });
    assert.equal([illegal.status, illegal.body['code']], [409, 'illegal-move']);
    assert.equal([illegal.body['from'], illegal.body['to']], ['boarding', 'diverted']);
    assert.equal(illegal.body['allowed'], ['scheduled', 'departed', 'cancelled']);
    const forced = await call('PATCH', '/flights/FL-001', { phase: 'diverted', force: true, reason: 'seen it' });
    assert.is(forced.body['status'], 'diverted');

    const stopped = await call('POST', '/flights/FL-001/stop');
    assert.equal([stopped.status, stopped.body['tracking']], [200, false]);
    const afterwards = await call('GET', '/flights/FL-001');
    assert.equal(afterwards.body, { ...stopped.body, tracking: 'stopped' });
    assert.equal((await call('POST', '/flights/FL-001/stop')).body, stopped.body);
    assert.equal((await call('GET', '/flights/active')).body, { flights: [], count: 0, next: null });

    const history = await call('GET', '/flights/FL-001/history?limit=2');
    assert.is((history.body['updates'] as unknown[]).length, 2);
    assert.ok(history.headers.get('link')?.includes(`next=${String(history.body['next'])}`));
    const rest = await call('GET', `/flights/FL-001/history?next=${String(history.body['next'])}`);
    const updates = [...(history.body['updates'] as Answer['body'][]), ...(rest.body['updates'] as Answer['body'][])];
    assert.equal(
      updates.map(({ actor, source }) => `${String(actor)} ${String(source)}`),
      ['alice push', 'alice manual', 'alice push', 'alice manual', 'alice manual', 'alice push'],
    );
    assert.equal(updates.at(-1)?.['flight'], afterwards.body);
    assert.is(updates[4]?.['reason'], 'seen it');
    const stats = (await call('GET', '/stats')).body['flights'];
    const { sourceTime, ...counts } = stats as Record<string, unknown>;
    assert.equal(counts, { active: 0, stopped: 1, completed: 0, unknownValues: 0 });
    assert.ok(Math.abs(Date.parse(String(sourceTime)) - Date.now()) < 60_000, 'flights that nobody simulates live now');
  }));

test('every fault of a request is listed, and unknown flights, members and parameters are refused', () =>
  withLocalServer(async (server) => {
    const call = caller(server, { 'x-user-id': 'alice' });
    const faults = async (method: string, path: string, body?: unknown): Promise<unknown> => {
      const answer = await call(method, path, body);
      assert.is(answer.status, 400, JSON.stringify(answer.body));
      assert.match(answer.headers.get('content-type') ?? '', 'application/problem+json');
      return ((answer.body['errors'] ?? []) as { at: string }[]).map(({ at }) => at).sort();
    };
    assert.equal(
      await faults('POST', '/flights/track', { ...leg, flightNumber: '?', status: 'x', departureAirport: 7 }),
      ['/departureAirport', '/flightNumber', '/status'],
    );
    assert.equal(await faults('POST', '/flights/track', []), ['/', '/flightNumber']);
    assert.equal(await faults('POST', '/flights/track', '{'), ['/']);
    assert.equal(await faults('GET', '/flights/active?limit=0&x=1'), ['?limit', '?x']);
    assert.equal(await faults('GET', '/flights/FL-1/history?after=-1'), ['?after']);
    for (const [method, path, body] of [
      ['GET', '/flights/FL-404', undefined],
      ['PATCH', '/flights/FL-404', { gate: 'A' }],
      ['POST', '/flights/FL-404/stop', undefined],
      ['POST', '/flights/FL-404/updates', { gate: 'A' }],
      ['POST', '/flights/FL-404/watch', {}],
      ['GET', '/flights/FL-404/history', undefined],
    ] as const)
      assert.is((await call(method, path, body)).status, 404, `${method} ${path}`);
  }));

test('the active list comes in pages', () =>
  withLocalServer(async (server) => {
    const call = caller(server, { 'x-user-id': 'alice' });
    for (const number of [1, 2, 3, 4, 5])
      await call('POST', '/flights/track', { ...leg, flightNumber: `DL${number}`, flightId: `FL-${number}` });
    const seen: unknown[] = [];
    let path: string | null = '/flights/active?limit=2';
    while (path) {
      const { body }: Answer = await call('GET', path);
      assert.is(body['count'], 5);
      seen.push(...(body['flights'] as { flightId: string }[]).map(({ flightId }) => flightId));
      path = body['next'] === null ? null : `/flights/active?limit=2&next=${String(body['next'])}`;
    }
    assert.equal(seen, ['FL-1', 'FL-2', 'FL-3', 'FL-4', 'FL-5']);
  }));

test('with authentication everybody reads and watches, and admins alone track and change', () => {
  const secret = 'a secret of thirty-two bytes or more';
  const token = (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret));
  return withLocalServer(
    async (server) => {
      const bearer = async (claims: Record<string, unknown>) =>
        caller(server, { authorization: `Bearer ${await token(claims)}` });
      const admin = await bearer({ sub: 'root', roles: ['admin'] });
      const bob = await bearer({ sub: 'bob' });
      assert.is((await caller(server, {})('GET', '/flights/active')).status, 401);
      assert.is((await bob('POST', '/flights/track', leg)).status, 403);
      assert.is((await admin('POST', '/flights/track', { ...leg, flightId: 'FL-001' })).status, 201);
      assert.is((await bob('PATCH', '/flights/FL-001', { gate: 'X' })).status, 403);
      assert.is((await bob('POST', '/flights/FL-001/updates', { gate: 'X' })).status, 403);
      assert.is((await bob('POST', '/flights/FL-001/stop')).status, 403);
      assert.is((await bob('GET', '/flights/FL-001')).status, 200);
      assert.is((await bob('GET', '/flights/FL-001/history')).status, 200);
      const watched = await bob('POST', '/flights/FL-001/watch', {});
      assert.equal([watched.status, watched.body['watching']], [200, true]);
      assert.is((await bob('POST', '/flights/FL-001/watch', { add: ['carol'] })).status, 403);
      assert.is((await bob('POST', '/flights/FL-001/watch', { remove: ['bob'] })).body['watching'], false);
      assert.is((await admin('POST', '/flights/FL-001/watch', { add: ['carol'] })).status, 200);
      assert.is((await bob('POST', '/flights/FL-001/watch')).body['watching'], true);
    },
    { jwtSecret: secret },
  );
});

test.run();
