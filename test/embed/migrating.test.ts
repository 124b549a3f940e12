// docs/migrating.md, "From a Socket.IO service": what replaces each event, done with the client functions over stock providers.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { controlOf, type Notice, type StockProvider } from '../../src/client/control.js';
import { observeFlights } from '../../src/client/flights.js';
import { markRead, notificationsOf, unread } from '../../src/client/notifications.js';
import { lock, peersOf, redo, setStatus, setTyping, undo, unlock, whenSaved } from '../../src/client/provider.js';
import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';
import { withHosted } from './hosted.js';

test('joining, typing, editing, locking, undoing, flights, notifications and messages work as the table says', () =>
  withHosted(async ({ contrail, wsUrl }) => {
    const join = async (user: string, params: Record<string, string> = {}) => {
      const client = await new StockClient(wsUrl, 'plan', {
        user,
        params: { name: user.toUpperCase(), ...params },
      }).synced();
      return { client, doc: client.doc, provider: client.provider as unknown as StockProvider };
    };
    const alice = await join('alice');
    const bob = await join('bob', { channels: 'none' });
    const heard: Notice[] = [];
    controlOf(bob.provider).onNotice((notice) => heard.push(notice));
    assert.is((await controlOf(bob.provider).request('hello'))['role'], 'editor');

    setTyping(alice.provider, true);
    setStatus(alice.provider, 'away');
    const seen = () => peersOf(bob.provider).find(({ userId }) => userId === 'alice');
    await until(() => seen()?.typing === true && seen()?.status === 'away', 'bob sees that she types, and is away');
    assert.is(seen()?.name, 'ALICE');

    alice.doc.getText('content').insert(0, 'hello');
    await whenSaved(alice.provider);
    await until(() => bob.doc.getText('content').toString() === 'hello', 'bob sees the edit');
    await undo(alice.provider);
    await until(() => bob.doc.getText('content').toString() === '', 'and the undo');
    await redo(alice.provider);

    await lock(alice.provider);
    await until(() => heard.some(({ event }) => event === 'locked'), 'bob hears of the lock');
    await unlock(alice.provider);
    await until(() => heard.some(({ event }) => event === 'unlocked'), 'and of its end');

    const leg = { departureCity: 'Atlanta', arrivalCity: 'Los Angeles', source: 'push' };
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    await contrail.flights.track({
      flightId: 'FL-001',
      flightNumber: 'DL123',
      ...leg,
      scheduledDeparture: at(24),
      scheduledArrival: at(29),
    });
    const gates: unknown[] = [];
    observeFlights(
      bob.doc,
      (changes) => gates.push(...changes.map((change) => 'flight' in change && change.flight.gate)),
      'FL-001',
    );
    await controlOf(bob.provider).request('subscribe', { channel: 'flights:FL-001' });
    await contrail.flights.update('FL-001', { gate: 'B7' });
    await until(() => gates.includes('B7'), 'bob hears of the gate');
    const { channels } = await controlOf(bob.provider).request('unsubscribe', { channel: 'flights:FL-001' });
    assert.equal(channels, []);

    const { id } = await contrail.notifications.sendAlert('alice', { urgency: 'low', message: 'hi' });
    await until(() => notificationsOf(alice.doc).length === 1, 'alice is notified');
    assert.is(unread(alice.doc), 1);
    assert.is(await markRead(alice.provider, [id]), 0);

    contrail.messages.toUser('bob', 'invoice:paid', { id: 7 });
    await until(() => heard.some(({ event }) => event === 'message'), 'bob gets the message');
    assert.equal(
      heard.find(({ event }) => event === 'message'),
      { event: 'message', name: 'invoice:paid', data: { id: 7 } },
    );

    alice.client.close();
    await until(
      () => contrail.presence.online().every(({ documents }) => documents.length > 0) || !seen(),
      'she is gone',
    );
    bob.client.close();
  }));

test('the functions that the table names exist', () => {
  const functions = {
    lock,
    unlock,
    undo,
    redo,
    setStatus,
    setTyping,
    peersOf,
    whenSaved,
    observeFlights,
    notificationsOf,
    markRead,
    controlOf,
  };
  const text = readFileSync('docs/migrating.md', 'utf8').split('## From a Socket.IO service')[1] ?? '';
  const called = [...text.matchAll(/`(\w+)\((?:provider|doc)\b/g)].map(([, name]) => name ?? '');
  assert.ok(called.length > 8);
  for (const name of called) assert.ok(name in functions, name);
});

test.run();
