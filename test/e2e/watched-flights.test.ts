// What those who watch a flight are told when its gate changes, in their maps.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Notification, notificationsOf } from '../../src/client/notifications.js';
import type { UserId } from '../../src/model/ids.js';
import type { NotificationPage } from '../../src/notify/notification.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const ops = 'ops' as UserId;
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

test('a gate change is one high-priority notification for each watcher, which replaces the unread one, and none for others', () =>
  withLocalServer(async (local) => {
    const { flights } = local.server;
    const people = ['alice', 'bob', 'mallory'];
    const clients = await Promise.all(people.map((user) => new StockClient(local.wsUrl, 'shared', { user }).synced()));
    try {
      const [alice, bob, mallory] = clients as [StockClient, StockClient, StockClient];
      const gates = ({ doc }: StockClient): readonly Notification[] =>
        notificationsOf(doc).filter(({ collapseKey }) => collapseKey?.endsWith('/gate'));
      const shown = (client: StockClient): string =>
        gates(client)
          .map(({ message }) => message)
          .join();
      const { flight } = await flights.track(
        {
          ...{ carrierCode: 'DL', flightNumber: '123', departureAirport: 'ATL', arrivalAirport: 'LAX' },
          ...{ departureCity: 'Atlanta', arrivalCity: 'Los Angeles', source: 'push' },
          ...{ scheduledDeparture: inHours(3), scheduledArrival: inHours(7) },
          watchers: ['alice', 'bob', 'offline'],
        },
        ops,
      );
      await flights.update(flight.flightId, { gate: 'A1' }, ops);
      await until(() => shown(alice) === 'Gate A1.' && shown(bob) === 'Gate A1.', 'both watchers are told');
      await flights.update(flight.flightId, { gate: 'B7' }, ops);
      const changed = 'Gate changed from A1 to B7.';
      await until(() => shown(alice) === changed && shown(bob) === changed, 'the unread one is replaced');
      const [told] = gates(alice);
      assert.equal(
        [told?.priority, told?.type, told?.data['gate'], told?.subjectId],
        ['high', 'flight', 'B7', flight.flightId],
      );
      const rest = (user: string) => new Rest(local.url, user).json<NotificationPage>(`/notifications/${user}`);
      assert.equal(
        (await rest('offline')).notifications.map(({ message }) => message),
        [changed],
      );
      assert.equal((await rest('alice')).unread, 1);

      const { status } = await new Rest(local.url, 'alice').call('POST', `/notifications/alice/${told?.id}/read`);
      assert.is(status, 200);
      await flights.update(flight.flightId, { gate: 'C3' }, ops);
      await until(
        () => shown(alice) === `Gate changed from B7 to C3.,${changed}`,
        'a read one stays beside the new one',
      );
      await until(() => shown(bob) === 'Gate changed from B7 to C3.', 'bob has one');
      assert.equal(notificationsOf(mallory.doc), []);
      assert.equal((await rest('mallory')).total, 0);
    } finally {
      for (const client of clients) client.close();
    }
  }));

test.run();
