// Every route that the server has, with who may use it. Routes about one document are tried with every role in matrix.test.ts; here are the
// others, with nobody, a person, somebody else and an admin. A route that nothing is expected of fails.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inWorld, tokenOf } from './world.js';

type Who = 'everybody' | 'people' | 'admins' | 'the person';

interface Expected {
  readonly who: Who;
  readonly query?: string;
  readonly body?: unknown;
}

/** `{userId}` is victor, `{flightId}` a flight that is tracked, `{id}` one that there is not. */
const expected: Readonly<Record<string, Expected>> = {
  'get /metrics': { who: 'everybody' },
  'get /healthz/live': { who: 'everybody' },
  'get /healthz/ready': { who: 'everybody' },
  'get /stats': { who: 'people' },
  'get /stats/notifications': { who: 'admins' },
  'get /stats/collaborative': { who: 'admins' },
  'get /users/online': { who: 'people' },
  'post /documents/create': { who: 'people', body: {} },
  'get /documents': { who: 'people' },
  'get /events': { who: 'people', query: 'after=now' },
  'get /flights/active': { who: 'people' },
  'post /flights/track': { who: 'admins', body: { flightNumber: 'CT2' } },
  'get /flights/{flightId}': { who: 'people' },
  'patch /flights/{flightId}': { who: 'admins', body: { gate: 'A1' } },
  'post /flights/{flightId}/updates': { who: 'admins', body: { gate: 'A2' } },
  'post /flights/{flightId}/watch': { who: 'people', body: {} },
  'get /flights/{flightId}/history': { who: 'people' },
  'post /flights/{flightId}/stop': { who: 'admins', body: {} },
  'get /notifications/{userId}': { who: 'the person' },
  'get /notifications/{userId}/unread': { who: 'the person' },
  'get /notifications/{userId}/preferences': { who: 'the person' },
  'put /notifications/{userId}/preferences': { who: 'the person', body: {} },
  'post /notifications/{userId}/read-all': { who: 'the person' },
  'post /notifications/{userId}/{id}/read': { who: 'the person' },
  'post /notifications/{userId}/{id}/seen': { who: 'the person' },
  'post /notifications/{userId}/{id}/archive': { who: 'the person' },
  'post /notifications/send': { who: 'admins', body: {} },
  'post /notifications/broadcast': { who: 'admins', body: {} },
  'get /notifications/broadcasts/{id}': { who: 'admins' },
  'delete /notifications/broadcasts/{id}': { who: 'admins' },
  'post /messages': { who: 'admins', body: { userId: 'victor', name: 'hello' } },
};

const people = [
  { name: 'nobody', token: async () => null, may: ['everybody'] },
  { name: 'victor', token: () => tokenOf('victor'), may: ['everybody', 'people', 'the person'] },
  { name: 'mallory', token: () => tokenOf('mallory'), may: ['everybody', 'people'] },
  {
    name: 'an admin',
    token: () => tokenOf('ada', { roles: ['admin'] }),
    may: ['everybody', 'people', 'admins'],
  },
] satisfies readonly { name: string; token: () => Promise<string | null>; may: readonly Who[] }[];

test('every route lets in whom it is for, and nobody else', () =>
  inWorld(async (world) => {
    const description = (await (await fetch(`${world.url}/api-docs/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, object>>;
    };
    const found = Object.entries(description.paths)
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path.replace('/api/realtime', '')}`),
      )
      .filter((route) => !route.includes(' /documents/{id}'));
    assert.equal(found.toSorted(), Object.keys(expected).toSorted());

    const ada = await tokenOf('ada', { roles: ['admin'] });
    const tracked = await world.call('POST', '/flights/track', ada, { flightNumber: 'CT1' });
    assert.is(Math.floor(tracked.status / 100), 2, JSON.stringify(tracked.body));
    const flightId = String(tracked.body['id']);
    const base = (path: string): string => (/^\/(metrics|healthz)/.test(path) ? '../..' : '');
    const wrong: string[] = [];
    for (const [route, { who, query, body }] of Object.entries(expected))
      for (const { name, token, may } of people) {
        const [method = '', path = ''] = route.split(' ');
        const filled = path.replace('{userId}', 'victor').replace('{flightId}', flightId).replace('{id}', 'none');
        const { status } = await world.call(
          method.toUpperCase(),
          `${base(path)}${filled}${query ? `?${query}` : ''}`,
          await token(),
          body,
        );
        const isRefused = status === 401 || status === 403;
        const isAsExpected = (may as readonly Who[]).includes(who)
          ? !isRefused && status < 500
          : status === (name === 'nobody' ? 401 : 403) || (who === 'the person' && status === 404);
        if (!isAsExpected) wrong.push(`${name}: ${route} answered ${status}`);
      }
    assert.equal(wrong, []);
  }));

test.run();
