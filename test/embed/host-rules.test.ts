// Embedding code's own `authenticate` and `authorize`: what they are asked, what their answers do, and what happens when they fail.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Authenticate, type AuthorizationQuestion, ContrailError, type Role } from '../../src/contrail.js';
import { identifyBy, maxAnswerMs, roleBy } from '../../src/http/host-rules.js';
import { createLogger } from '../../src/logger.js';
import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { type Hosted, withHosted } from './hosted.js';

/** People by a session cookie or `?session=`, as a host with sessions of its own would have it. */
const bySession: Authenticate = async ({ headers, parameters }) => {
  const session = /session=([a-z]+)/.exec(headers.get('cookie') ?? '')?.[1] ?? parameters.get('session');
  if (session === 'broken') throw new Error('the session store is down');
  if (session === 'busy') throw new ContrailError('overloaded', 'come back later');
  if (session === 'nonsense') return { userId: 'system' };
  return session === null || session === ''
    ? null
    : { userId: session, admin: session === 'root', name: session.toUpperCase() };
};

const connect = (wsUrl: string, id: string, session: string): StockClient =>
  new StockClient(wsUrl, id, { user: 'mallory', params: { session } });

const call = async ({ contrail }: Hosted, session: string | null, path: string, body?: object) => {
  const answer = await fetch(`${contrail.url}/api/realtime${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      'content-type': 'application/json',
      'x-user-id': 'mallory',
      ...(session && { cookie: `session=${session}` }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

const closeOf = async (client: StockClient): Promise<number> => {
  await until(() => client.closes.length > 0, 'the connection is closed');
  client.close();
  return client.closes[0] ?? 0;
};

test('authenticate says who it is, on both transports; whom it does not know is turned away for good', () =>
  withHosted(
    async (hosted) => {
      const alice = await connect(hosted.wsUrl, 'plan', 'alice').synced();
      alice.text.insert(0, 'x');
      await until(async () => (await hosted.contrail.documents.get('plan')).seq === 2, 'her edit is logged');
      const { events } = await hosted.contrail.documents.history('plan');
      assert.equal(
        events.map(({ actor }) => actor),
        ['alice', 'alice'],
      );
      assert.is(hosted.contrail.presence.online()[0]?.name, 'ALICE');
      assert.is((await call(hosted, 'alice', '/documents/plan')).status, 200);
      assert.is((await call(hosted, 'bob', '/documents/plan')).status, 404, 'it is hers alone');
      assert.is((await call(hosted, null, '/documents/plan')).status, 401);
      assert.is((await call(hosted, 'alice', '/messages', { audience: 'all', name: 'x' })).status, 403);
      assert.is((await call(hosted, 'root', '/messages', { audience: 'all', name: 'x' })).status, 200);
      assert.is(await closeOf(connect(hosted.wsUrl, 'plan', '')), 4401);
      alice.close();
    },
    { authenticate: bySession },
  ));

test('an authenticate that fails lets nobody in, tells them nothing, and the log why', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  await withHosted(
    async (hosted) => {
      for (const session of ['broken', 'nonsense']) {
        const answer = await call(hosted, session, '/documents');
        assert.is(answer.status, 500);
        assert.not.match(JSON.stringify(answer.body), /store|authenticate/);
        assert.is(await closeOf(connect(hosted.wsUrl, 'plan', session)), 4500);
      }
      assert.is((await call(hosted, 'busy', '/documents')).status, 503);
      assert.is(await closeOf(connect(hosted.wsUrl, 'plan', 'busy')), 1013);
      assert.match(lines.join(''), /the session store is down/);
      assert.match(lines.join(''), /authenticate answered no user id/);
    },
    { authenticate: bySession, logger },
  );
});

test('expiresAt closes the connection with 4401', () =>
  withHosted(
    async ({ wsUrl }) => {
      const alice = await connect(wsUrl, 'plan', 'alice').synced();
      assert.is(await closeOf(alice), 4401);
    },
    { authenticate: () => ({ userId: 'alice', expiresAt: new Date(Date.now() + 1_500) }) },
  ));

test('authorize decides on every way to a document, lists and presence included, and is told what is stored', async () => {
  const roles: Record<string, Role | null> = { 'alice plan': 'owner', 'bob plan': 'viewer', 'alice secret': 'editor' };
  const questions: AuthorizationQuestion[] = [];
  await withHosted(
    async (hosted) => {
      const { contrail, wsUrl } = hosted;
      await contrail.documents.create({ id: 'plan', content: 'a' }, { actor: 'carol' });
      await contrail.documents.create({ id: 'secret' }, { actor: 'carol' });
      assert.is(questions.length, 0, 'embedding code is not asked about');

      const listed = async (session: string) =>
        ((await call(hosted, session, '/documents')).body['documents'] as { id: string; role: string }[]).map(
          ({ id, role }) => `${id} ${role}`,
        );
      assert.equal(await listed('alice'), ['secret editor', 'plan owner']);
      assert.equal(await listed('bob'), ['plan viewer']);
      assert.equal(await listed('carol'), [], 'ownership alone counts for nothing');
      const followed = async (session: string) =>
        ((await call(hosted, session, '/events?kind=created')).body['events'] as { subject: string }[]).map(
          ({ subject }) => subject,
        );
      assert.equal(await followed('alice'), ['plan', 'secret']);
      assert.equal(await followed('bob'), ['plan']);
      assert.equal(await followed('carol'), []);
      const asked = questions.find(({ userId, documentId }) => userId === 'carol' && documentId === 'plan');
      assert.equal({ ...asked }, { ...asked, storedRole: 'owner', exists: true, name: 'CAROL', admin: false });

      assert.is((await call(hosted, 'carol', '/documents/plan')).status, 404);
      assert.is((await call(hosted, 'bob', '/documents/plan/history')).status, 200);
      const edit = { path: ['content'], action: 'insert', index: 0, value: 'x' };
      assert.is((await call(hosted, 'bob', '/documents/plan/edits', edit)).status, 403);
      assert.is((await call(hosted, 'alice', '/documents/plan/edits', edit)).status, 201);
      assert.is(await closeOf(connect(wsUrl, 'plan', 'carol')), 4403);

      const alice = await connect(wsUrl, 'secret', 'alice').synced();
      const online = async (session: string) =>
        ((await call(hosted, session, '/users/online')).body['users'] as { documents: string[] }[])[0]?.documents;
      assert.equal(await online('alice'), ['secret']);
      assert.equal(await online('bob'), []);
      alice.close();
    },
    {
      authenticate: bySession,
      authorize: async (question) => {
        questions.push(question);
        return roles[`${question.userId} ${question.documentId}`] ?? null;
      },
    },
  );
});

test('a document that does not exist is created only for whom authorize lets edit', () =>
  withHosted(
    async (hosted) => {
      assert.is(await closeOf(connect(hosted.wsUrl, 'new', 'bob')), 4403);
      assert.is((await call(hosted, 'bob', '/documents/create', { id: 'new' })).status, 403);
      assert.is((await call(hosted, 'alice', '/documents/create', { id: 'made' })).status, 201);
      const alice = await connect(hosted.wsUrl, 'new', 'alice').synced();
      assert.is((await hosted.contrail.documents.get('new')).ownerId, 'alice');
      alice.close();
    },
    {
      authenticate: bySession,
      authorize: ({ userId, storedRole, exists }) => (userId === 'alice' ? storedRole : exists ? 'editor' : 'viewer'),
    },
  ));

test('reauthorize takes and gives roles while people are connected, losing nothing that was typed meanwhile', async () => {
  let role: Role | null = 'editor';
  await withHosted(
    async ({ contrail, wsUrl }) => {
      const alice = await connect(wsUrl, 'plan', 'alice').synced();
      const bob = await connect(wsUrl, 'plan', 'bob').synced();
      role = 'viewer';
      await contrail.documents.reauthorize('plan');
      bob.text.insert(0, 'while a viewer');
      alice.text.insert(0, 'seen. ');
      await until(() => bob.text.toString().includes('seen. '), 'bob still reads');
      assert.is(alice.text.toString(), 'seen. ');
      role = 'editor';
      await contrail.documents.reauthorize('plan');
      await until(() => alice.text.toString().includes('while a viewer'), 'what he typed comes in');
      role = null;
      await contrail.documents.reauthorize('plan');
      assert.is(await closeOf(bob), 4403);
      assert.ok(alice.provider.wsconnected);
      alice.close();
    },
    { authenticate: bySession, authorize: ({ userId, storedRole }) => (userId === 'bob' ? role : storedRole) },
  );
});

test('an authorize that answers what is stored lets sharing and un-sharing take effect while people are connected', () =>
  withHosted(
    async ({ contrail: { documents }, wsUrl }) => {
      await documents.create({ id: 'plan' }, { actor: 'alice' });
      assert.is(await closeOf(connect(wsUrl, 'plan', 'bob')), 4403);
      await documents.addCollaborator('plan', 'bob', { role: 'viewer' });
      const bob = await connect(wsUrl, 'plan', 'bob').synced();
      bob.text.insert(0, 'kept');
      await documents.addCollaborator('plan', 'bob', { role: 'editor' });
      await until(
        async () => (await documents.get('plan', { content: 'text' })).content?.['content'] === 'kept',
        'what he typed as a viewer comes in once he is an editor',
      );
      await documents.removeCollaborator('plan', 'bob');
      assert.is(await closeOf(bob), 4403);
    },
    { authenticate: bySession, authorize: async ({ storedRole }) => storedRole },
  ));

test('whoever comes in while roles are asked again has the new one', async () => {
  let role: Role | null = 'editor';
  let answer = (): void => {};
  let asked = 0;
  await withHosted(
    async ({ contrail, wsUrl }) => {
      const bob = connect(wsUrl, 'plan', 'bob');
      await until(() => asked === 1, 'bob is asked about');
      const early = answer;
      role = null;
      const again = contrail.documents.reauthorize('plan');
      early();
      await until(() => asked === 2, 'bob is asked about once more');
      answer();
      await again;
      assert.is(await closeOf(bob), 4403);
    },
    {
      authenticate: bySession,
      authorize: () => {
        asked += 1;
        const decided = role;
        return new Promise((resolve) => {
          answer = () => resolve(decided);
        });
      },
    },
  );
});

test('an authorize that fails or answers nonsense lets nobody in', async () => {
  const logger = createLogger('silent');
  await withHosted(
    async (hosted) => {
      for (const id of ['throws', 'nonsense', 'nothing']) {
        assert.is((await call(hosted, 'alice', `/documents/${id}`)).status, 500);
        assert.is(await closeOf(connect(hosted.wsUrl, id, 'alice')), 4500);
      }
      const alice = await connect(hosted.wsUrl, 'plan', 'alice').synced();
      alice.close();
    },
    {
      authenticate: bySession,
      authorize: ({ documentId, storedRole }) => {
        if (documentId === 'throws') throw new Error('no database');
        if (documentId === 'nonsense') return 'god' as Role;
        return documentId === 'nothing' ? (undefined as unknown as null) : storedRole;
      },
      logger,
    },
  );
});

test('embedding code that does not answer keeps nobody waiting for ever', async () => {
  const clock = createVirtualClock(0);
  const never = () => new Promise<never>(() => {});
  const credentials = {
    transport: 'rest',
    token: null,
    headers: new Headers(),
    parameters: new URLSearchParams(),
    address: '',
  } as const;
  const question = { userId: 'alice', name: null, admin: false, documentId: 'plan', storedRole: null, exists: true };
  const codes = Promise.all(
    [identifyBy(never, clock)(credentials), roleBy(never, clock)(question)].map((answer) =>
      answer.then(
        () => 'answered',
        (error: unknown) => (error instanceof ContrailError ? error.code : 'another error'),
      ),
    ),
  );
  await clock.advance(maxAnswerMs);
  assert.equal(await codes, ['overloaded', 'overloaded']);
});

test.run();
