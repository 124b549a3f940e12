// Notifications as people meet them: in their own map over stock providers, and over REST.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlError, type StockProvider } from '../../src/client/control.js';
import {
  type Notification as ClientNotification,
  markAllRead,
  markRead,
  notificationsOf,
  unread,
} from '../../src/client/notifications.js';
import type { Notification, NotificationPage } from '../../src/notify/notification.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const alert = (message: string) => ({ type: 'alert', data: { urgency: 'high', message } });
const providerOf = (client: StockClient): StockProvider => client.provider as unknown as StockProvider;
/** The client's own type says the same as the server's. */
const asClient = (notification: Notification): ClientNotification => notification;

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly at: string }[];
}
const call = async <T = Problem>(rest: Rest, ...request: Parameters<Rest['call']>) => {
  const { status, headers, bytes } = await rest.call(...request);
  return { status, headers, body: JSON.parse(Buffer.from(bytes).toString()) as T };
};

const connect = (local: LocalServer, user: string): Promise<StockClient> =>
  new StockClient(local.wsUrl, 'shared', { user }).synced();

const messages = (client: StockClient): readonly string[] => notificationsOf(client.doc).map(({ message }) => message);
const shows = (client: StockClient, ...expected: readonly string[]): Promise<void> =>
  until(() => JSON.stringify(messages(client)) === JSON.stringify(expected), `the map shows ${expected}`);

test('each map holds exactly its own person’s notifications, whoever shares the document', () =>
  withLocalServer(async (local) => {
    const clients = await Promise.all(['alice', 'bob', 'mallory'].map((user) => connect(local, user)));
    const [alice, bob, mallory] = clients as [StockClient, StockClient, StockClient];
    try {
      const ops = new Rest(local.url, 'ops');
      const sent = await call<Notification>(ops, 'POST', '/notifications/send', {
        userId: 'alice',
        ...alert('for alice'),
      });
      assert.is(sent.status, 201);
      await call(ops, 'POST', '/notifications/send', { userId: 'bob', ...alert('for bob') });
      const all = await call(ops, 'POST', '/notifications/broadcast', { audience: 'all', ...alert('for all') });
      assert.is(all.status, 202);
      const online = await call(ops, 'POST', '/notifications/broadcast', {
        audience: 'online',
        ...alert('for online'),
      });
      assert.equal({ ...(online.body as object), broadcastId: '' }, { broadcastId: '', audience: 'online', total: 3 });
      await shows(alice, 'for online', 'for all', 'for alice');
      await shows(bob, 'for online', 'for all', 'for bob');
      await shows(mallory, 'for online', 'for all');
      assert.equal(notificationsOf(alice.doc).at(-1), asClient(sent.body));
      const late = await connect(local, 'carol');
      assert.equal(messages(late), []);
      late.close();
      const again = await connect(local, 'alice');
      assert.equal(messages(again), ['for online', 'for all', 'for alice']);
      again.close();
    } finally {
      for (const client of clients) client.close();
    }
  }));

test('what is read on one device is read on the other, in the map and in REST, a round trip later', () =>
  withLocalServer(async (local) => {
    const [laptop, phone] = [await connect(local, 'alice'), await connect(local, 'alice')];
    try {
      const ids: string[] = [];
      for (const n of [1, 2, 3])
        ids.push((await local.server.notifications.sendAlert('alice', { urgency: 'low', message: `${n}` })).id);
      await until(() => unread(phone.doc) === 3 && unread(laptop.doc) === 3, 'both devices have all three');
      assert.is(await markRead(providerOf(laptop), [ids[0] ?? '']), 2);
      await until(() => unread(phone.doc) === 2, 'the phone follows');
      const rest = new Rest(local.url, 'alice');
      const page = await rest.json<NotificationPage>('/notifications/alice');
      assert.equal([page.total, page.unread, page.unseen], [3, 2, 2]);
      const first = page.notifications.at(-1)?.readAt;
      assert.is(await markRead(providerOf(phone), [ids[0] ?? '']), 2);
      assert.is((await rest.json<NotificationPage>('/notifications/alice')).notifications.at(-1)?.readAt, first);
      assert.is(await markAllRead(providerOf(phone)), 0);
      await until(() => unread(laptop.doc) === 0, 'the laptop follows');
      assert.is((await rest.json<NotificationPage>('/notifications/alice/unread')).notifications.length, 0);
    } finally {
      laptop.close();
      phone.close();
    }
  }));

test('a page marks what is its own, and says what is wrong with a request', () =>
  withLocalServer(async (local) => {
    const bob = await connect(local, 'bob');
    try {
      const { id } = await local.server.notifications.sendAlert('alice', { urgency: 'low', message: 'secret' });
      const refused = await markRead(providerOf(bob), [id]).then(
        () => null,
        (error: unknown) => error,
      );
      assert.instance(refused, ControlError);
      assert.is((refused as ControlError).code, 'not-found');
      assert.not.match((refused as ControlError).message, /secret|alice/);
      assert.is(local.server.notifications.counts('alice' as never).unread, 1);
    } finally {
      bob.close();
    }
  }));

test('an inbox is its person’s alone, and ids of others do not exist', () =>
  withLocalServer(async (local) => {
    const { id } = await local.server.notifications.sendAlert('alice', { urgency: 'low', message: 'secret' });
    const mallory = new Rest(local.url, 'mallory');
    for (const [method, path] of [
      ['GET', '/notifications/alice'],
      ['GET', '/notifications/alice/unread'],
      ['GET', '/notifications/alice/preferences'],
      ['POST', `/notifications/alice/${id}/read`],
      ['POST', `/notifications/alice/${id}/seen`],
      ['POST', `/notifications/alice/${id}/archive`],
      ['POST', '/notifications/alice/read-all'],
    ] as const) {
      const answer = await call(mallory, method, path);
      assert.equal([path, answer.status, answer.body.code], [path, 403, 'forbidden']);
    }
    for (const what of ['read', 'seen', 'archive']) {
      for (const unknown of [id, '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'nonsense']) {
        const answer = await call(mallory, 'POST', `/notifications/mallory/${unknown}/${what}`);
        assert.equal([answer.status, answer.body.code], [404, 'not-found']);
      }
    }
    const put = await call(mallory, 'PUT', '/notifications/alice/preferences', { muted: true });
    assert.is(put.status, 403);
    assert.is(local.server.notifications.counts('alice' as never).unread, 1);
  }));

test('nobody writes into other people’s maps by way of the document, not even without channels', () =>
  withLocalServer(async (local) => {
    const alice = await connect(local, 'alice');
    const mallory = await new StockClient(local.wsUrl, 'shared', {
      user: 'mallory',
      params: { channels: 'none' },
    }).synced();
    try {
      mallory.doc.getMap('notifications').set('forged', 'x');
      await until(() => mallory.closes.includes(4403), 'mallory is closed');
      await local.server.notifications.sendAlert('alice', { urgency: 'low', message: 'real' });
      await shows(alice, 'real');
    } finally {
      alice.close();
      mallory.close();
    }
  }));

test('every fault of a body is listed at once, and money is never a float', () =>
  withLocalServer(async (local) => {
    const ops = new Rest(local.url, 'ops');
    const bad = await call(ops, 'POST', '/notifications/send', {
      userId: '',
      type: 'payment',
      priority: 'huge',
      colour: 'red',
      expiresAt: 'tomorrow',
      data: { amount: 19.99, currency: 'euro', status: 'paid', extra: 1 },
    });
    assert.is(bad.status, 400);
    assert.equal(bad.body.errors?.map(({ at }) => at).sort(), [
      '/colour',
      '/data/amount',
      '/data/currency',
      '/data/extra',
      '/data/transactionId',
      '/expiresAt',
      '/priority',
      '/userId',
    ]);
    const both = await call(ops, 'POST', '/notifications/broadcast', {
      audience: 'all',
      userIds: ['a'],
      ...alert('x'),
    });
    assert.is(both.status, 400);
    assert.is(
      (await call(ops, 'POST', '/notifications/send', { userId: 'not-yet-here', ...alert('hello') })).status,
      201,
    );
    const query = await call(
      new Rest(local.url, 'bob'),
      'GET',
      '/notifications/bob?state=new&limit=0&colour=red&next=x&include=all',
    );
    assert.equal(query.body.errors?.map(({ at }) => at).sort(), ['?colour', '?include', '?limit', '?next', '?state']);
    const preferences = await call(new Rest(local.url, 'bob'), 'PUT', '/notifications/bob/preferences', {
      muted: 'yes',
      quietHours: { from: '25:00', to: '07:00' },
    });
    assert.equal(
      preferences.body.errors?.map(({ at }) => at),
      ['/muted', '/quietHours/from'],
    );
  }));

test('pages follow each other by Link while new ones arrive, and what expired, was archived or kept back is shown on demand', () =>
  withLocalServer(async (local) => {
    const { notifications } = local.server;
    const rest = new Rest(local.url, 'alice');
    const sent: string[] = [];
    for (let n = 0; n < 25; n += 1)
      sent.push(
        (
          await notifications.sendAlert(
            'alice',
            { urgency: 'low', message: `${n}` },
            { priority: n % 5 === 0 ? 'high' : 'normal' },
          )
        ).id,
      );
    const seen: string[] = [];
    let path: string | null = '/notifications/alice?limit=10';
    while (path !== null) {
      const answer: { headers: Headers; body: NotificationPage } = await call<NotificationPage>(rest, 'GET', path);
      seen.push(...answer.body.notifications.map(({ id }) => id));
      const link: string | undefined = /<\/api\/realtime([^>]+)>; rel="next"/.exec(
        answer.headers.get('link') ?? '',
      )?.[1];
      assert.is(link !== undefined, answer.body.next !== null);
      path = link ?? null;
      await notifications.sendAlert('alice', { urgency: 'low', message: 'newer' });
    }
    assert.equal(seen, sent.reverse());
    const high = await rest.json<NotificationPage>('/notifications/alice?priority=high&type=alert');
    assert.is(high.notifications.length, 5);
    assert.is((await call(rest, 'POST', `/notifications/alice/${sent[0]}/archive`)).status, 200);
    const archived = await rest.json<NotificationPage>('/notifications/alice?state=archived');
    assert.equal(
      archived.notifications.map(({ id }) => id),
      [sent[0]],
    );
    assert.is((await call(rest, 'PUT', '/notifications/alice/preferences', { muted: true })).status, 200);
    assert.equal(await rest.json('/notifications/alice/preferences'), { muted: true });
    const kept = await notifications.sendAlert('alice', { urgency: 'low', message: 'kept back' });
    const shown = await rest.json<NotificationPage>('/notifications/alice?include=suppressed&limit=1');
    assert.equal([shown.notifications[0]?.id, shown.notifications[0]?.suppressed], [kept.id, 'muted']);
    const upTo = sent[5];
    const left = await call<{ unread: number }>(rest, 'POST', '/notifications/alice/read-all', { upTo });
    assert.is(left.body.unread, 4 + 3);
  }));

test('the figures add up', () =>
  withLocalServer(async (local) => {
    const ops = new Rest(local.url, 'ops');
    await call(ops, 'POST', '/notifications/send', { userId: 'alice', ...alert('one') });
    const { body } = await call<{ broadcastId: string }>(ops, 'POST', '/notifications/broadcast', {
      userIds: ['alice', 'bob'],
      ...alert('two'),
    });
    const progress = async () =>
      ops.json<{ state: string; delivered: number }>(`/notifications/broadcasts/${body.broadcastId}`);
    await until(async () => (await progress()).state === 'done', 'the list is delivered');
    const stats = await ops.json<{ notifications: unknown }>('/stats');
    assert.equal(stats.notifications, { total: 3, unread: 3, broadcasts: 1 });
    const recall = await call<{ state: string }>(ops, 'DELETE', `/notifications/broadcasts/${body.broadcastId}`);
    assert.is(recall.body.state, 'recalled');
    const figures = await ops.json<{ sent: number; byState: Record<string, number> }>('/stats/notifications');
    assert.equal([figures.sent, figures.byState['unread'], figures.byState['recalled']], [3, 1, 2]);
    assert.is((await call(ops, 'GET', '/notifications/broadcasts/none')).status, 404);
    assert.is((await call(ops, 'DELETE', '/notifications/broadcasts/none')).status, 404);
  }));

test.run();
