// The promises of the REST interface that hold for every route, tried on every route that the OpenAPI document has, and those that are a
// row's own. What one route does is also in flights.test.ts, idempotency.test.ts, requests.test.ts and test/access.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { type Example, examples } from '../../src/http/api-examples.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { StockClient } from '../support/stock-client.js';
import { addressOf, OpenApiClient, type Operation, type Received } from './openapi-client.js';

type Body = Readonly<Record<string, unknown>>;
const bodyOf = ({ body }: Received): Body => body as Body;
const faultsOf = (answer: Received): readonly string[] =>
  ((bodyOf(answer)['errors'] ?? []) as { at: string }[]).map(({ at }) => at);

const asAlice = (server: LocalServer): Promise<OpenApiClient> => OpenApiClient.of(server.url, { 'x-user-id': 'alice' });
const exampleOf = ({ operationId }: Operation): Example => {
  const found = examples.find((each) => each.operationId === operationId);
  if (!found) throw new Error(`no example of ${operationId}`);
  return found;
};
/** The example's path with something in the place of what an earlier answer would have given. */
const pathOf = ({ path = {} }: Example): Record<string, string> =>
  Object.fromEntries(
    Object.entries(path).map(([name, value]) => [
      name,
      value.startsWith('$') ? (name === 'versionId' ? '1' : 'none') : value,
    ]),
  );

test('a parameter, or a member of a body, that a route does not know is an error on every route', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    for (const operation of api.operations.values()) {
      const { operationId, method, requestBody } = operation;
      const example = exampleOf(operation);
      const headers = { 'x-user-id': 'alice', 'content-type': 'application/json' };
      const body = requestBody ? JSON.stringify({ ...example.body, colour: 'red' }) : null;
      const query = `${example.query ? `${example.query.replace('$VERSION', '1')}&` : ''}colour=red&colour=blue`;
      const answer = await fetch(`${server.url}${addressOf(operation, { path: pathOf(example) })}?${query}`, {
        method,
        headers,
        body,
      });
      const problem = (await answer.json()) as { code: string; errors?: { at: string }[] };
      assert.equal([answer.status, problem.code], [400, 'bad-request'], `${operationId} ${JSON.stringify(problem)}`);
      const places = (problem.errors ?? []).map(({ at }) => at);
      assert.ok(places.includes('?colour'), `${operationId} names the parameter: ${places}`);
      // Bodies that a domain checks itself are looked at once the rest of the request is in order.
      if (body === null) continue;
      const query2 = example.query ? `?${example.query}` : '';
      const second = await fetch(`${server.url}${addressOf(operation, { path: pathOf(example) })}${query2}`, {
        method,
        headers,
        body,
      });
      const named = (await second.json()) as { errors?: { at: string }[] };
      assert.is(second.status, 400, operationId);
      assert.ok(
        (named.errors ?? []).some(({ at }) => at === '/colour' || at === '/'),
        `${operationId} ${JSON.stringify(named)}`,
      );
    }
  }));

/** Runs the examples up to the end, with what they keep of earlier answers put in; `visit` sees each call before it is made. */
const inOrder = async (
  api: OpenApiClient,
  visit: (
    operation: Operation,
    sent: { path: Record<string, string>; query: Record<string, string>; body?: unknown },
  ) => Promise<Received>,
): Promise<void> => {
  const kept: Record<string, string> = {};
  const filled = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value ?? {}).replaceAll(/\$([A-Z]+)/g, (_, name: string) => kept[name] ?? name)) as Value;
  for (const example of examples) {
    const operation = api.operations.get(example.operationId);
    if (!operation) throw new Error(`no route ${example.operationId}`);
    const answer = await visit(operation, {
      path: filled({ ...example.path }),
      query: filled(Object.fromEntries(new URLSearchParams(example.query))),
      ...(example.body === undefined ? {} : { body: filled(example.body) }),
    });
    if (example.keeps) kept[example.keeps[0]] = String(bodyOf(answer)[example.keeps[1]]);
  }
};

test('every POST that is sent again with its Idempotency-Key gets the first answer; another body with the key is 422', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    let tried = 0;
    await inOrder(api, async (operation, sent) => {
      const { operationId, method, requestBody } = operation;
      if (method !== 'POST') return api.call(operationId, sent);
      tried += 1;
      const headers = { 'Idempotency-Key': `${operationId}-1` };
      const first = await api.call(operationId, { ...sent, headers });
      const again = await api.call(operationId, { ...sent, headers });
      assert.equal([again.status, again.body], [first.status, first.body], operationId);
      assert.is(first.headers.get('idempotency-replayed'), null, operationId);
      assert.is(again.headers.get('idempotency-replayed'), 'true', operationId);
      if (requestBody) {
        const other = await api.call(operationId, { ...sent, body: { ...(sent.body as object), other: 1 }, headers });
        assert.equal([other.status, bodyOf(other)['code']], [422, 'key-reused'], operationId);
      }
      return first;
    });
    assert.ok(tried >= 18, `${tried} POSTs`);
  }));

test('every list comes in pages of at most 1,000, without repeats or gaps, with the next one in the body and as a Link', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const id = 'pages';
    await api.call('createDocument', { body: { id, content: 'x' } });
    for (let each = 0; each < 4; each += 1) {
      await api.call('createDocument', { body: { id: `other-${each}` } });
      await api.call('createVersion', { path: { id }, body: { name: `v${each}` } });
      await api.call('trackFlight', {
        body: { ...(exampleBody('trackFlight') as object), flightId: `FL-${each}`, flightNumber: `DL${each}` },
      });
      await api.call('changeFlight', { path: { flightId: 'FL-0' }, body: { gate: `B${each}` } });
      await api.call('sendNotification', {
        body: { userId: 'alice', type: 'alert', data: { urgency: 'low', message: `m${each}` } },
      });
    }
    const clients = ['ann', 'ben', 'cem', 'dan', 'eva'].map((user) => new StockClient(server.wsUrl, id, { user }));
    try {
      await Promise.all(clients.map((client) => client.synced()));
      const paths: Readonly<Record<string, Record<string, string>>> = {
        ...{ listVersions: { id }, listHistory: { id }, listDocumentUsers: { id }, listCursors: { id } },
        ...{ listFlightHistory: { flightId: 'FL-0' }, listNotifications: { userId: 'alice' } },
        listUnreadNotifications: { userId: 'alice' },
      };
      await until(async () => {
        const { count } = bodyOf(await api.call('listCursors', { path: { id } })) as { count: number };
        return count === clients.length;
      }, 'all have said that they are there');
      const lists = [...api.operations.values()].filter(({ parameters }) =>
        parameters.some(({ name }) => name === 'limit'),
      );
      assert.ok(lists.length >= 11, `${lists.length} lists`);
      for (const { operationId, parameters } of lists) {
        const path = paths[operationId] ?? {};
        const limit = parameters.find(({ name }) => name === 'limit')?.schema as Body;
        assert.equal([limit['default'], limit['maximum']], [100, 1000], operationId);
        for (const bad of ['0', '1001', '-1', '1.5', 'x']) {
          const answer = await api.call(operationId, { path, query: { limit: bad } });
          assert.equal([answer.status, faultsOf(answer)], [400, ['?limit']], `${operationId} limit=${bad}`);
        }
        for (const foreign of ['x', '!', 'AAAA']) {
          const answer = await api.call(operationId, { path, query: { next: foreign } });
          assert.equal([answer.status, faultsOf(answer)], [400, ['?next']], `${operationId} next=${foreign}`);
        }
        const itemsOf = (answer: Received): unknown[] =>
          Object.values(bodyOf(answer)).find((value): value is unknown[] => Array.isArray(value)) ?? [];
        const whole = itemsOf(await api.call(operationId, { path, query: { limit: 1000 } }));
        const found: unknown[] = [];
        let next: string | null = null;
        do {
          const answer: Received = await api.call(operationId, {
            path,
            query: { limit: 2, ...(next === null ? {} : { next }) },
          });
          found.push(...itemsOf(answer));
          next = bodyOf(answer)['next'] as string | null;
          const link = answer.headers.get('link');
          assert.is(
            link === null
              ? null
              : new URL(/<(.+)>; rel="next"/.exec(link)?.[1] ?? '', server.url).searchParams.get('next'),
            next,
            operationId,
          );
        } while (next !== null);
        assert.ok(whole.length >= 4, `${operationId} has ${whole.length}`);
        assert.equal(found, whole, operationId);
      }
    } finally {
      for (const client of clients) client.close();
    }
  }));
const exampleBody = (operationId: string): unknown => examples.find((each) => each.operationId === operationId)?.body;

test('the actor in open mode is X-User-Id, and anonymous without it', () =>
  withLocalServer(async (server) => {
    const [alice, nobody] = [await asAlice(server), await OpenApiClient.of(server.url)];
    assert.is(bodyOf(await alice.call('createDocument', { body: { id: 'a' } }))['ownerId'], 'alice');
    assert.is(bodyOf(await nobody.call('createDocument', { body: { id: 'b' } }))['ownerId'], 'anonymous');
  }));

test('content=json has all roots, content=text those of text and XML; an id with slashes is one member of the path', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const id = 'notes/2026/one';
    const client = new StockClient(server.wsUrl, id, { user: 'alice' });
    try {
      await client.synced();
      client.text.insert(0, 'Hello');
      client.doc.getMap('meta').set('tags', ['a']);
      client.doc.getXmlFragment('page').insert(0, [new Y.XmlElement('p')]);
      client.doc.getArray('list').insert(0, [1]);
      const contentOf = async (content: string) =>
        bodyOf(await api.call('readDocument', { path: { id }, query: { content } }))['content'];
      await until(async () => Object.keys((await contentOf('json')) as object).length === 4, 'all roots are there');
      assert.equal(await contentOf('json'), { content: 'Hello', meta: { tags: ['a'] }, page: '<p></p>', list: [1] });
      assert.equal(await contentOf('text'), { content: 'Hello', page: '<p></p>' });
      assert.is(await contentOf('none'), undefined);
    } finally {
      client.close();
    }
  }));

test('a deleted document closes its connections with 4410, and neither an old client nor a new request brings it back', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const path = { id: 'plan' };
    await api.call('createDocument', { body: { id: 'plan', content: 'Hello' } });
    const old = new StockClient(server.wsUrl, 'plan', { user: 'bob' });
    try {
      await old.synced();
      await api.call('deleteDocument', { path });
      await until(() => old.closes.includes(4410), 'the connection is closed');
      old.text.insert(0, 'back again ');
      const again = new StockClient(server.wsUrl, 'plan', { user: 'bob', doc: old.doc });
      await until(() => again.closes.includes(4410), 'it is not let in again');
      again.provider.destroy();
      for (const [operationId, sent] of [
        ['readDocument', { path }],
        ['listHistory', { path }],
        ['createDocument', { body: { id: 'plan' } }],
      ] as const)
        assert.is((await api.call(operationId, sent)).status, 410, operationId);
      assert.equal(bodyOf(await api.call('listDocuments'))['documents'], []);
    } finally {
      old.close();
    }
  }));

test('history is filtered by seq, actor, kinds and time, in either order', () =>
  withLocalServer(async (server) => {
    const [alice, bob] = [await asAlice(server), await OpenApiClient.of(server.url, { 'x-user-id': 'bob' })];
    const path = { id: 'plan' };
    await alice.call('createDocument', { body: { id: 'plan', content: 'Hello' } });
    for (const api of [alice, bob, alice])
      await api.call('editDocument', { path, body: { path: ['content'], action: 'insert', index: 0, value: 'x' } });
    await alice.call('undo', { path });
    await alice.call('createVersion', { path, body: { name: 'v' } });
    type Event = { seq: number; at: string; actor: string; kind: string };
    const seqs = async (query: Record<string, string | number>): Promise<readonly number[]> =>
      (bodyOf(await alice.call('listHistory', { path, query }))['events'] as Event[]).map(({ seq }) => seq);
    assert.equal(await seqs({}), [1, 2, 3, 4, 5, 6]);
    assert.equal(await seqs({ order: 'desc' }), [6, 5, 4, 3, 2, 1]);
    assert.equal(await seqs({ after: 2, before: 5 }), [3, 4]);
    assert.equal(await seqs({ actor: 'bob' }), [3]);
    assert.equal(await seqs({ kind: 'undo,version' }), [5, 6]);
    assert.equal(await seqs({ kind: 'edit', order: 'desc', limit: 2 }), [4, 3]);
    assert.equal((await alice.call('listHistory', { path, query: { kind: 'edit,,nonsense' } })).status, 400);
    const events = bodyOf(await alice.call('listHistory', { path }))['events'] as Event[];
    const at = events[3]?.at ?? '';
    assert.equal(
      await seqs({ since: at }),
      events.filter((each) => each.at >= at).map(({ seq }) => seq),
    );
    assert.equal(await seqs({ until: '2000-01-01T00:00:00Z' }), []);
    assert.equal(bodyOf(await alice.call('listHistory', { path }))['head'], 6);
  }));

test('a state is asked for by seq or by time, as JSON, text or one Yjs update, and never both or neither', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const path = { id: 'plan' };
    const { createdAt } = bodyOf(await api.call('createDocument', { body: { id: 'plan', content: 'Hello' } }));
    await api.call('editDocument', { path, body: { path: ['content'], action: 'insert', index: 5, value: ' world' } });
    const at = (query: Record<string, string | number>) => api.call('readDocumentAt', { path, query });
    assert.is((await at({ seq: 1, as: 'text' })).body, 'Hello');
    assert.is((await at({ seq: 2, as: 'text', name: 'content' })).body, 'Hello world');
    assert.equal((await at({ time: new Date(Date.now() + 60_000).toISOString() })).body, { content: 'Hello world' });
    assert.is((await at({ time: new Date(Date.parse(String(createdAt)) - 1000).toISOString() })).status, 404);
    for (const query of [{}, { seq: 1, time: String(createdAt) }, { seq: 1, as: 'xml' }])
      assert.is((await at(query)).status, 400);
    assert.is(bodyOf(await at({ seq: 3 }))['code'], 'seq-not-found');
    const update = await fetch(`${server.url}/api/realtime/documents/plan/at?seq=1&as=update`, {
      headers: { 'x-user-id': 'alice' },
    });
    assert.is(update.headers.get('content-type'), 'application/octet-stream');
    const doc = new Y.Doc();
    Y.applyUpdate(doc, new Uint8Array(await update.arrayBuffer()));
    assert.is(doc.getText('content').toString(), 'Hello');
    assert.equal(
      (bodyOf(await api.call('diffDocument', { path, query: { from: 1, to: 2 } }))['changes'] as Body[])[0]?.['text'],
      ' world',
    );
    const { runs } = bodyOf(await api.call('readAttribution', { path, query: { seq: 2 } })) as {
      runs: { text: string }[];
    };
    assert.is(runs.map(({ text }) => text).join(''), 'Hello world');
  }));

test('a lock is one person’s: others get 423 and its holder, until it is freed', () =>
  withLocalServer(async (server) => {
    const [alice, bob] = [await asAlice(server), await OpenApiClient.of(server.url, { 'x-user-id': 'bob' })];
    const path = { id: 'plan' };
    await alice.call('createDocument', { body: { id: 'plan', content: 'Hello' } });
    const { lock } = bodyOf(await alice.call('lockDocument', { path })) as { lock: { userId: string; until: string } };
    const seconds = (Date.parse(lock.until) - Date.now()) / 1000;
    assert.ok(lock.userId === 'alice' && seconds > 25 && seconds <= 30, 'thirty seconds unless said otherwise');
    for (const [operationId, body] of [
      ['lockDocument', {}],
      ['editDocument', { path: ['content'], action: 'insert', index: 0, value: 'x' }],
      ['restoreDocument', { seq: 1 }],
    ] as const) {
      const answer = await bob.call(operationId, { path, body });
      assert.equal([answer.status, (bodyOf(answer)['lock'] as Body)['userId']], [423, 'alice'], operationId);
    }
    for (const ttlSeconds of [0, 3601, 1.5])
      assert.is((await alice.call('lockDocument', { path, body: { ttlSeconds } })).status, 400);
    await alice.call('unlockDocument', { path });
    assert.is((await bob.call('lockDocument', { path })).status, 200);
  }));

test('notifications are listed by state, type and priority; reading all has a bound', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const path = { userId: 'alice' };
    const send = async (message: string, more: object = {}): Promise<string> =>
      String(
        bodyOf(
          await api.call('sendNotification', {
            body: { userId: 'alice', type: 'alert', data: { urgency: 'x', message }, ...more },
          }),
        )['id'],
      );
    const [one, two, three] = [await send('one'), await send('two', { priority: 'high' }), await send('three')];
    await api.call('sendNotification', {
      body: { userId: 'alice', type: 'settlement', data: { name: 's', amount: '1.00', status: 'paid' } },
    });
    const listed = async (
      query: Record<string, string>,
      operationId = 'listNotifications',
    ): Promise<readonly string[]> =>
      (bodyOf(await api.call(operationId, { path, query }))['notifications'] as { message: string }[]).map(
        ({ message }) => message.split('.')[0] ?? '',
      );
    assert.equal((await api.call('markRead', { path: { ...path, id: one } })).body, { unread: 3, unseen: 3 });
    assert.equal((await api.call('markSeen', { path: { ...path, id: two } })).body, { unread: 3, unseen: 2 });
    assert.equal((await api.call('markArchive', { path: { ...path, id: three } })).body, { unread: 2, unseen: 1 });
    assert.equal(await listed({ state: 'archived' }), ['three']);
    assert.equal(await listed({ type: 'alert' }), ['two', 'one']);
    assert.equal(await listed({ state: 'unread', priority: 'high' }), ['two']);
    assert.equal(await listed({ type: 'alert' }, 'listUnreadNotifications'), ['two']);
    assert.is((await listed({ state: 'all' })).length, 3);
    assert.is((await api.call('listNotifications', { path, query: { state: 'seen' } })).status, 400);
    assert.equal((await api.call('markAllRead', { path, body: { upTo: two } })).body, { unread: 1, unseen: 1 });
    const { total, unread, unseen } = bodyOf(await api.call('listNotifications', { path }));
    assert.equal([total, unread, unseen], [3, 1, 1]);
    assert.equal((await api.call('markAllRead', { path })).body, { unread: 0, unseen: 0 });
  }));

test('a broadcast is accepted, tells how far it is, and is recalled; statistics have their members', () =>
  withLocalServer(async (server) => {
    const api = await asAlice(server);
    const alert = { type: 'alert', data: { urgency: 'x', message: 'm' } };
    const accepted = await api.call('broadcastNotification', { body: { userIds: ['bob', 'carol', 'bob'], ...alert } });
    const { broadcastId, ...rest } = bodyOf(accepted);
    assert.equal([accepted.status, rest], [202, { audience: 'list', total: 2 }]);
    const path = { id: String(broadcastId) };
    await until(async () => bodyOf(await api.call('readBroadcast', { path }))['state'] === 'done', 'it is done');
    assert.is(bodyOf(await api.call('readBroadcast', { path }))['delivered'], 2);
    assert.is(bodyOf(await api.call('recallBroadcast', { path }))['state'], 'recalled');
    for (const body of [
      alert,
      { audience: 'all', userIds: ['bob'], ...alert },
      { audience: 'list', ...alert },
      { userIds: [], ...alert },
    ])
      assert.is((await api.call('broadcastNotification', { body })).status, 400, JSON.stringify(body));
    assert.equal(Object.keys(bodyOf(await api.call('readStatistics'))).toSorted(), [
      ...['connections', 'documents', 'edits', 'flights', 'log', 'notifications', 'uptimeSeconds', 'users'],
    ]);
    for (const name of ['byType', 'byPriority', 'byState'])
      assert.ok(name in bodyOf(await api.call('readNotificationStatistics')), name);
  }));

test.run();
