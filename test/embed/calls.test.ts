// What embedding code does by calling functions, seen by stock clients, REST and the log.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrailError } from '../../src/contrail.js';
import { until } from '../support/deadline.js';
import { controlFrame, RawClient } from '../support/raw-client.js';
import { StockClient } from '../support/stock-client.js';
import { withHosted } from './hosted.js';

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof ContrailError) return error.code;
    throw error;
  }
  return 'nothing';
};

test('documents: created, edited, read and undone in the name of a person, and seen at once by who has it open', () =>
  withHosted(async ({ contrail: { documents }, wsUrl }) => {
    const created = await documents.create({ id: 'plan', title: 'Plan', content: 'one' }, { actor: 'alice' });
    assert.is(created.ownerId, 'alice');
    assert.is(created.title, 'Plan');
    assert.is(created.seq, 1);
    assert.not.ok('role' in created);
    const bob = await new StockClient(wsUrl, 'plan', { user: 'bob' }).synced();
    assert.is(bob.text.toString(), 'one');

    const edit = { path: ['content'], action: 'insert', index: 3, value: ' two' } as const;
    const { seq } = await documents.edit('plan', edit, { actor: 'alice', ifMatch: 1 });
    assert.is(seq, 2);
    await until(() => bob.text.toString() === 'one two', 'bob sees the edit');
    assert.is(await codeOf(() => documents.edit('plan', edit, { ifMatch: 1 })), 'precondition-failed');
    assert.equal((await documents.get('plan', { content: 'text' })).content, { content: 'one two' });
    assert.equal((await documents.get('plan', { content: 'json' })).content, { content: 'one two' });

    assert.equal((await documents.undo('plan', { actor: 'alice' })).undone, [2]);
    await until(() => bob.text.toString() === 'one', 'bob sees the undo');
    assert.equal((await documents.redo('plan', { actor: 'alice' })).undone, [3]);
    assert.is(await codeOf(() => documents.undo('plan', { actor: 'bob' })), 'nothing-to-undo');
    assert.equal((await documents.undo('plan', { scope: 'document' })).undone, [2]);

    const history = await documents.history('plan', { order: 'desc', limit: 2, kinds: ['edit', 'undo', 'redo'] });
    assert.equal(
      history.events.map(({ seq: at, kind, actor }) => `${at} ${kind} ${actor}`),
      ['5 undo system', '4 redo alice'],
    );
    assert.is(history.next, 4);
    assert.is(history.head, 5);
    const rest = await documents.history('plan', { order: 'desc', before: history.next ?? 0, actor: 'alice' });
    assert.equal(
      rest.events.map(({ seq: at }) => at),
      [3, 2, 1],
    );
    assert.is(rest.next, null);
    bob.close();
  }));

test('documents: shared, locked and removed, with the effect that REST has', () =>
  withHosted(
    async ({ contrail: { documents }, wsUrl }) => {
      await documents.create({ id: 'plan' }, { actor: 'alice' });
      const connect = (user: string) => new StockClient(wsUrl, 'plan', { user, params: { token: user } });
      const bob = connect('bob');
      await until(() => bob.closes.length > 0, 'bob may not come in');
      bob.close();
      const shared = await documents.addCollaborator('plan', 'bob', { role: 'viewer', actor: 'alice' });
      assert.equal(
        shared.collaborators.map(({ userId, role }) => `${userId} ${role}`),
        ['bob viewer'],
      );
      await documents.share('plan', { userIds: ['bob', 'carol'], role: 'editor' });
      const carol = await connect('carol').synced();
      await until(() => documents.activeUsers('plan').length === 1, 'carol is active');
      assert.is(documents.activeUsers('plan')[0]?.role, 'editor');
      carol.provider.awareness.setLocalStateField('cursor', { at: 3 });
      await until(() => Boolean(documents.cursors('plan')[0]?.cursor), 'her cursor is there');
      assert.equal(documents.cursors('plan')[0]?.cursor, { at: 3 });
      assert.is(documents.cursors('plan')[0]?.userId, 'carol');

      const lock = await documents.lock('plan', { actor: 'alice', ttlSeconds: 60 });
      assert.is(lock.userId, 'alice');
      const edit = { path: ['content'], action: 'insert', value: 'x' } as const;
      assert.is(await codeOf(() => documents.edit('plan', edit, { actor: 'bob' })), 'locked');
      assert.is(await codeOf(() => documents.lock('plan', { actor: 'bob' })), 'locked');
      assert.is((await documents.get('plan')).lock?.userId, 'alice');
      await documents.unlock('plan');
      assert.is((await documents.get('plan')).lock, null);

      const { documents: counted, activeUsers, edits } = documents.stats();
      assert.equal([counted, activeUsers, edits], [{ total: 1, open: 1, locked: 0 }, 1, 0]);
      await documents.removeCollaborator('plan', 'carol');
      await until(() => carol.closes.length > 0, 'carol is put out');
      assert.is(carol.closes[0], 4403);
      carol.close();
      await documents.remove('plan', { actor: 'alice' });
      assert.is(await codeOf(() => documents.get('plan')), 'deleted');
      assert.is(await codeOf(() => documents.create({ id: 'plan' })), 'deleted');
    },
    { authenticate: ({ token }) => (token === null ? null : { userId: token }) },
  ));

test('malformed arguments reject with every fault, and nothing is changed', () =>
  withHosted(async ({ contrail: { documents, messages, presence, notifications, flights } }) => {
    const unsafe = documents as unknown as Record<string, (...given: unknown[]) => unknown>;
    const call = (name: string, ...given: unknown[]) => codeOf(() => unsafe[name]?.(...given));
    await documents.create({ id: 'plan' });
    for (const given of [
      ['get', '../etc'],
      ['get', 7],
      ['create', { id: 'x', titel: 'y' }],
      ['create', { id: 'x' }, { actor: '' }],
      ['edit', 'plan', { path: [], action: 'insert', value: 'x' }],
      ['edit', 'plan', { path: 'content', action: 'burn' }],
      ['edit', 'plan', null],
      ['addCollaborator', 'plan', 'bob', { role: 'god' }],
      ['share', 'plan', { userIds: [], role: 'editor' }],
      ['lock', 'plan', { ttlSeconds: 5 }],
      ['lock', 'plan', { actor: 'bob', ttlSeconds: 1e9 }],
      ['undo', 'plan', {}],
      ['history', 'plan', { limit: 0 }],
      ['history', 'plan', { kinds: ['burnt'] }],
    ])
      assert.is(await call(String(given[0]), ...given.slice(1)), 'bad-request', JSON.stringify(given));
    assert.is(await codeOf(() => messages.toAll('')), 'bad-request');
    assert.is(await codeOf(() => messages.toAll('big', 'x'.repeat(65_536))), 'bad-request');
    assert.is(await codeOf(() => presence.statusOf('')), 'bad-request');
    assert.is(await codeOf(() => notifications.sendAlert('alice', { urgency: 'low' } as never)), 'bad-request');
    assert.is(await codeOf(() => flights.track({} as never)), 'bad-request');
    try {
      await documents.edit('plan', { path: [], action: 'burn' } as never);
      assert.unreachable();
    } catch (error) {
      assert.equal(
        (error as ContrailError).faults.map(({ at }) => at),
        ['/path', '/action'],
      );
    }
    assert.is(await codeOf(() => documents.get('nowhere')), 'not-found');
    assert.is((await documents.get('plan')).seq, 1);
  }));

test('flights: tracked, updated and stopped, with history and counts', () =>
  withHosted(async ({ contrail: { flights }, wsUrl }) => {
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    const flight = await flights.track({
      ...{ flightId: 'FL-001', flightNumber: 'DL123', departureCity: 'Atlanta', arrivalCity: 'Los Angeles' },
      scheduledDeparture: new Date(Date.now() + 86_400_000).toISOString(),
      scheduledArrival: new Date(Date.now() + 100_000_000).toISOString(),
      source: 'push',
    });
    assert.is(flight.tracking, 'active');
    await until(() => alice.doc.getMap('flights').has('FL-001'), 'it is on the board');
    assert.is((await flights.update('FL-001', { gate: 'B7' }, { actor: 'ops' })).gate, 'B7');
    assert.equal(
      flights.active().map(({ flightId }) => flightId),
      ['FL-001'],
    );
    assert.is((await flights.stop('FL-001')).tracking, 'stopped');
    assert.equal(flights.count(), { active: 0, stopped: 1, completed: 0 });
    const { updates } = await flights.history('FL-001');
    assert.equal(
      updates.map(({ actor }) => actor),
      ['system', 'ops', 'system'],
    );
    assert.is(await codeOf(() => flights.stop('FL-002')), 'not-found');
    alice.close();
  }));

test('notifications: the five kinds, broadcasts, reading and figures', () =>
  withHosted(async ({ contrail: { notifications }, wsUrl }) => {
    const alice = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    const payment = { amount: '12.50', currency: 'EUR', status: 'completed', transactionId: 't1' };
    const { id } = await notifications.sendPayment('alice', payment, { actor: 'shop', priority: 'high' });
    await until(() => alice.doc.getMap('notifications').has(id), 'it is in her inbox');
    await notifications.sendBooking('alice', {
      showTitle: 'Hamlet',
      date: '2026-12-01',
      confirmationNumber: 'c',
      status: 'confirmed',
    });
    await notifications.sendFlight('alice', { flightId: 'FL-001', flightNumber: 'DL123', status: 'boarding' });
    await notifications.sendSettlement('alice', { name: 'November', amount: '10.00', currency: 'EUR', status: 'paid' });
    await notifications.sendAlert('bob', { urgency: 'low', message: 'hi' });
    await notifications.send({ userId: 'alice', type: 'alert', data: { urgency: 'low', message: 'hi' } });
    await notifications.broadcast({ audience: 'all', type: 'alert', data: { urgency: 'low', message: 'all' } });
    const page = notifications.list('alice', { limit: 10 });
    assert.is(page.unread, 6);
    assert.is(page.notifications.at(-1)?.actor, 'shop');
    assert.is((await notifications.markRead('alice', id)).unread, 5);
    assert.is((await notifications.markAllRead('alice')).unread, 0);
    assert.is(notifications.stats().byType.payment, 1);
    assert.is(await codeOf(() => notifications.markRead('bob', id)), 'not-found');
    alice.close();
  }));

test('messages reach connections that speak control messages and no others, by function and by REST; presence says who is there', () =>
  withHosted(async ({ contrail, wsUrl }) => {
    const alice = await new RawClient(wsUrl, 'plan', { user: 'alice' }).sync();
    const phone = await new RawClient(wsUrl, 'other', { user: 'alice' }).sync();
    const bob = await new RawClient(wsUrl, 'plan', { user: 'bob' }).sync();
    const stock = await new StockClient(wsUrl, 'plan', { user: 'alice' }).synced();
    for (const client of [alice, phone, bob]) {
      client.send(controlFrame({ id: 1, do: 'hello' }));
      await until(() => client.controls.some((control) => control.id === 1), 'it speaks control messages');
    }
    assert.is(contrail.messages.toUser('alice', 'invoice:paid', { id: 7 }), 2);
    const messagesOf = (client: RawClient) => client.controls.filter(({ event }) => event === 'message');
    for (const client of [alice, phone]) {
      await until(() => messagesOf(client).length === 1, 'it arrives');
      assert.equal(messagesOf(client)[0], { event: 'message', name: 'invoice:paid', data: { id: 7 } });
    }
    assert.is(contrail.messages.toAll('tick'), 3);
    await until(() => messagesOf(bob).length === 1, 'bob gets what is for all');
    assert.equal(messagesOf(bob)[0], { event: 'message', name: 'tick', data: null });
    assert.is(contrail.messages.toUser('carol', 'tick'), 0);

    const post = async (body: object) => {
      const answer = await fetch(`${contrail.url}/api/realtime/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user-id': 'ops' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    assert.equal(await post({ userId: 'bob', name: 'n', data: [1] }), { status: 200, body: { connections: 1 } });
    assert.equal(await post({ audience: 'all', name: 'n' }), { status: 200, body: { connections: 3 } });
    await until(() => messagesOf(bob).length === 3, 'both arrive');
    for (const body of [
      { name: 'n' },
      { userId: 'bob', audience: 'all', name: 'n' },
      { userId: 'bob', name: '' },
      { audience: 'all', name: 'n', x: 1 },
    ])
      assert.is((await post(body)).status, 400, JSON.stringify(body));
    assert.equal(
      contrail.presence.online().map(({ userId, documents }) => [userId, [...documents].sort()]),
      [
        ['alice', ['other', 'plan']],
        ['bob', ['plan']],
      ],
    );
    assert.is(contrail.presence.statusOf('bob'), 'online');
    assert.is(contrail.presence.statusOf('carol'), 'offline');
    stock.close();
    for (const client of [alice, phone, bob]) client.destroy();
  }));

test.run();
