// Expiry to the millisecond on a clock that the test holds: connected clients, late joiners, lists and counts, read and unread, over a restart.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StockProvider } from '../../src/client/control.js';
import { markRead, notificationsOf } from '../../src/client/notifications.js';
import type { UserId } from '../../src/model/ids.js';
import { formatTime } from '../../src/model/time.js';
import type { NotificationPage } from '../../src/notify/notification.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';
import { createVirtualClock } from '../support/virtual-clock.js';

const messages = ({ doc }: StockClient): string =>
  notificationsOf(doc)
    .map(({ message }) => message)
    .join();
const connect = (local: LocalServer): Promise<StockClient> =>
  new StockClient(local.wsUrl, 'shared', { user: 'alice' }).synced();

/** What the person sees everywhere but in the clients that are connected already. */
const seen = async (local: LocalServer): Promise<readonly string[]> => {
  const joiner = await connect(local);
  try {
    const page = await new Rest(local.url, 'alice').json<NotificationPage>('/notifications/alice');
    const { total, unread } = local.server.notifications.counts('alice' as UserId);
    const listed = page.notifications.map(({ message }) => message).join();
    return [messages(joiner), listed, `${page.total} ${page.unread}`, `${total} ${unread}`];
  } finally {
    joiner.close();
  }
};

test('a notification is everywhere until its instant and nowhere from it on, read or unread, also across a restart', async () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 22, 8));
  await withLocalServer(
    async (local) => {
      const client = await connect(local);
      try {
        const send = (message: string, afterMs?: number) =>
          local.server.notifications.sendAlert(
            'alice',
            { urgency: 'low', message },
            afterMs === undefined ? {} : { expiresAt: formatTime(clock.now() + afterMs) },
          );
        await send('stays');
        const { id } = await send('read', 5_000);
        await send('unread', 7_001);
        await local.server.notifications.broadcast({
          ...{ audience: 'all', type: 'alert', data: { urgency: 'low', message: 'to all' } },
          expiresAt: formatTime(clock.now() + 9_000),
        });
        await until(() => messages(client) === 'to all,unread,read,stays', 'all four are shown');
        assert.is(await markRead(client.provider as unknown as StockProvider, [id]), 3);

        await clock.advance(4_999);
        assert.equal(await seen(local), ['to all,unread,read,stays', 'to all,unread,read,stays', '4 3', '4 3']);
        assert.is(messages(client), 'to all,unread,read,stays');
        await clock.advance(1);
        assert.equal(await seen(local), ['to all,unread,stays', 'to all,unread,stays', '3 3', '3 3']);
        await until(() => messages(client) === 'to all,unread,stays', 'the read one leaves the map');

        await clock.advance(2_000);
        assert.is(messages(client), 'to all,unread,stays');
        await local.restart();
        await until(() => client.closes.length > 0 && client.provider.synced, 'the client is back');
        assert.equal(await seen(local), ['to all,unread,stays', 'to all,unread,stays', '3 3', '3 3']);
        assert.is(messages(client), 'to all,unread,stays');
        await clock.advance(1);
        assert.equal(await seen(local), ['to all,stays', 'to all,stays', '2 2', '2 2']);
        await until(() => messages(client) === 'to all,stays', 'the unread one leaves the map');

        await clock.advance(1_999);
        await until(() => messages(client) === 'stays', 'the broadcast leaves the map');
        assert.equal(await seen(local), ['stays', 'stays', '1 1', '1 1']);
        const all = await new Rest(local.url, 'alice').json<NotificationPage>('/notifications/alice?include=expired');
        assert.equal(
          all.notifications.map(({ message, standing }) => `${message} ${standing ?? ''}`.trim()),
          ['to all expired', 'unread expired', 'read expired', 'stays'],
        );
      } finally {
        client.close();
      }
    },
    {},
    { clock },
  );
});

test.run();
