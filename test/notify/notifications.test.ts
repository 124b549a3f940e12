// What a person can observe of notifications: sending, reading, expiry, collapsing, preferences, broadcasts and recall.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrailError } from '../../src/model/errors.js';
import { formatTime } from '../../src/model/time.js';
import { person, start, until, World } from './world.js';

const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
const alert = { urgency: 'high', message: 'The hall is full.' };
const payment = { amount: '19.99', currency: 'EUR', status: 'completed', transactionId: 'T-1' };
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof ContrailError ? error.code : String(error)),
  );

test('a notification is in the open inbox of its recipient and of nobody else', async () => {
  const world = new World();
  const [mine, theirs] = [await world.open(alice), await world.open(bob)];
  const sent = await world.notifications.sendPayment(alice, payment);
  assert.is(sent.title, 'Payment completed');
  assert.is(sent.message, '19.99 EUR, transaction T-1.');
  assert.is(sent.createdAt, formatTime(start));
  assert.equal([...mine.keys()], [sent.id]);
  assert.equal(mine.get(sent.id), sent);
  assert.is(theirs.size, 0);
  assert.equal(world.notifications.list(alice), { notifications: [sent], total: 1, unread: 1, unseen: 1, next: null });
});

test('who was offline finds it on connecting', async () => {
  const world = new World();
  const { id } = await world.notifications.sendAlert(alice, alert);
  assert.equal([...(await world.open(alice)).keys()], [id]);
});

test('reading shows in the view and in the counts, and twice keeps the first time', async () => {
  const world = new World();
  const view = await world.open(alice);
  const { id } = await world.notifications.sendAlert(alice, alert);
  await world.clock.advance(1000);
  assert.equal(await world.notifications.markRead(alice, id), { total: 1, unread: 0, unseen: 0 });
  await world.clock.advance(1000);
  const before = world.events.length;
  await world.notifications.markRead(alice, id);
  await world.notifications.markSeen(alice, [id]);
  assert.is(world.events.length, before);
  assert.is(view.get(id)?.['readAt'], formatTime(start + 1000));
  assert.is(world.notifications.find(alice, id)?.seenAt, formatTime(start + 1000));
});

test('archiving takes it out of inbox and counts and keeps it in the archive', async () => {
  const world = new World();
  const view = await world.open(alice);
  const { id } = await world.notifications.sendAlert(alice, alert);
  assert.equal(await world.notifications.archive(alice, id), { total: 0, unread: 0, unseen: 0 });
  assert.is(view.size, 0);
  assert.is(world.notifications.list(alice).notifications.length, 0);
  assert.equal(
    world.notifications.list(alice, { state: 'archived' }).notifications.map((item) => item.id),
    [id],
  );
});

test('marking what is not theirs is not found', async () => {
  const world = new World();
  const { id } = await world.notifications.sendAlert(alice, alert);
  assert.is(await codeOf(world.notifications.markRead(bob, id)), 'not-found');
  assert.is(await codeOf(world.notifications.markRead(alice, 'nonsense')), 'not-found');
});

test('mark all read leaves alone what arrived after the list was drawn', async () => {
  const world = new World();
  await world.open(alice);
  const first = await world.notifications.sendAlert(alice, alert);
  await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
  const upTo = world.notifications.list(alice).notifications[0]?.id ?? '';
  const late = await world.notifications.sendAlert(alice, alert);
  assert.equal(await world.notifications.markAllRead(alice, { upTo }), { total: 3, unread: 1, unseen: 1 });
  assert.is(world.notifications.find(alice, late.id)?.readAt, null);
  assert.is(world.notifications.find(alice, first.id)?.readAt, formatTime(start));
  await world.notifications.idle();
  assert.equal([...(world.views.get(alice)?.values() ?? [])].map((entry) => entry['readAt'] === null).sort(), [
    false,
    false,
    true,
  ]);
});

test('expiry takes read and unread ones out at the millisecond, everywhere, also across a restart', async () => {
  for (const restarts of [false, true]) {
    const world = new World();
    await world.open(alice);
    const expiresAt = formatTime(start + 5000);
    const read = await world.notifications.sendAlert(alice, alert, { expiresAt });
    await world.notifications.sendAlert(alice, alert, { expiresAt });
    await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert, expiresAt });
    await world.notifications.markRead(alice, read.id);
    const kept = await world.notifications.sendAlert(alice, alert);
    if (restarts) {
      world.kill();
      world.boot();
      await world.open(alice);
    }
    await world.notifications.idle();
    await world.clock.advance(4999);
    assert.equal(world.notifications.counts(alice), { total: 4, unread: 3, unseen: 3 });
    assert.is(world.views.get(alice)?.size, 4);
    assert.is(world.notifications.inboxWindow(alice, world.clock.now()).length, 4);
    await world.clock.advance(1);
    assert.equal(world.notifications.counts(alice), { total: 1, unread: 1, unseen: 1 });
    assert.equal(
      world.notifications.list(alice).notifications.map(({ id }) => id),
      [kept.id],
    );
    assert.equal(
      world.notifications.inboxWindow(alice, world.clock.now()).map(({ key }) => key),
      [kept.id],
    );
    await world.notifications.idle();
    assert.equal([...(world.views.get(alice)?.keys() ?? [])], [kept.id]);
    const history = world.notifications.list(alice, { include: ['expired'] }).notifications;
    assert.equal(
      history.map(({ standing }) => standing),
      [undefined, 'expired', 'expired', 'expired'],
    );
  }
});

test('when the clock steps back, what had expired is there again, and expires again', async () => {
  const world = new World();
  const view = await world.open(alice);
  const { id } = await world.notifications.sendAlert(alice, alert, { expiresAt: formatTime(start + 5000) });
  await world.clock.advance(5000);
  await world.notifications.idle();
  assert.is(view.size, 0);
  world.skewMs = -3000;
  assert.is(world.notifications.counts(alice).total, 1);
  await world.clock.advance(2900);
  await world.clock.advance(30_000);
  await world.notifications.idle();
  assert.is(world.notifications.counts(alice).total, 0);
  assert.is(view.size, 0);
  assert.is(world.notifications.list(alice, { include: ['expired'] }).notifications[0]?.id, id);
});

test('two devices that mark the same at once count it once', async () => {
  const world = new World();
  const { id } = await world.notifications.sendAlert(alice, alert);
  const before = world.events.length;
  const answers = await Promise.all([1, 2, 3].map(() => world.notifications.markRead(alice, id)));
  assert.equal(answers, Array(3).fill({ total: 1, unread: 0, unseen: 0 }));
  assert.is(world.events.length, before + 1);
});

test('the window holds the newest, and what moves in when one leaves', async () => {
  const world = new World(1, 3);
  const view = await world.open(alice);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await world.notifications.sendAlert(alice, alert)).id);
  assert.equal([...view.keys()].sort(), ids.slice(2));
  await world.notifications.archive(alice, ids[3] ?? '');
  assert.equal([...view.keys()].sort(), [ids[1], ids[2], ids[4]]);
  assert.is(view.get(ids[1] ?? '')?.['title'], 'Alert');
  const { broadcastId } = await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
  await world.notifications.idle();
  assert.equal([...view.keys()].sort(), [ids[2], ids[4], broadcastId]);
  await world.notifications.recall(broadcastId);
  await world.notifications.idle();
  assert.equal([...view.keys()].sort(), [ids[1], ids[2], ids[4]]);
});

test('however broadcasts and changes of one inbox overlap, the window is what a reading of it says', async () => {
  const world = new World(1, 12);
  const view = await world.open(alice);
  const { notifications, clock } = world;
  const announce = (options: object = {}) =>
    notifications.broadcast({ audience: 'all', type: 'alert', data: alert, ...options });
  for (let n = 0; n < 20; n++) await notifications.sendAlert(alice, alert);
  for (let round = 0; round < 30; round++) {
    const [oldest, newest] = [...view.keys()].sort().filter((_, place, { length }) => place % (length - 1) === 0);
    const under = Array.from({ length: 1 + (round % 15) }, () => announce());
    under.push(announce({ expiresAt: formatTime(clock.now() + 5) }), announce({ priority: 'urgent' }));
    const { broadcastId } = await announce();
    await Promise.all([
      ...under,
      notifications.markRead(alice, [newest ?? '', broadcastId]),
      notifications.archive(alice, [oldest ?? '', broadcastId]),
      notifications.sendAlert(alice, alert),
      notifications.setPreferences(alice, { muted: round % 3 === 1 }),
    ]);
    if (round % 2 === 0) await notifications.recall((await announce()).broadcastId);
    await clock.advance(10);
    await notifications.idle();
    const expected = new Map(notifications.list(alice, { limit: 12 }).notifications.map((item) => [item.id, item]));
    assert.equal(new Map([...view].sort().reverse()), expected, `round ${round}`);
  }
});

test('a newer one with the same key replaces the unread earlier one, which stays in history', async () => {
  const world = new World();
  const view = await world.open(alice);
  const options = { collapseKey: 'job-7' };
  const first = await world.notifications.sendAlert(alice, alert, options);
  const second = await world.notifications.sendAlert(alice, alert, options);
  assert.equal([...view.keys()], [second.id]);
  assert.equal(world.notifications.counts(alice), { total: 1, unread: 1, unseen: 1 });
  assert.is(world.notifications.find(alice, first.id)?.standing, 'collapsed');
  await world.notifications.markRead(alice, second.id);
  const third = await world.notifications.sendAlert(alice, alert, options);
  assert.equal([...view.keys()], [second.id, third.id]);
  const history = world.notifications.list(alice, { include: ['collapsed'] }).notifications;
  assert.equal(
    history.map(({ id }) => id),
    [third.id, second.id, first.id],
  );
});

test('broadcasts to all collapse among themselves, for each person by what they have read', async () => {
  const world = new World();
  await world.open(alice);
  const view = await world.open(bob);
  const request = { audience: 'all', type: 'alert', data: alert, collapseKey: 'status' } as const;
  const first = await world.notifications.broadcast(request);
  await world.notifications.markRead(alice, first.broadcastId);
  const second = await world.notifications.broadcast(request);
  assert.is(world.notifications.counts(alice).total, 2);
  assert.is(world.notifications.counts(bob).total, 1);
  await world.notifications.idle();
  assert.equal([...view.keys()], [second.broadcastId]);
  assert.is(world.views.get(alice)?.size, 2);
});

test('muted types, low priorities and quiet hours keep notifications back with the reason; urgent ones arrive', async () => {
  const world = new World();
  const view = await world.open(alice);
  await world.notifications.setPreferences(alice, {
    minimumPriority: 'normal',
    types: {
      payment: { muted: true },
      alert: { quietHours: { from: '08:30', to: '10:00', timeZone: 'Europe/Berlin' } },
    },
  });
  assert.is((await world.notifications.sendPayment(alice, payment)).suppressed, 'muted');
  assert.is((await world.notifications.sendAlert(alice, alert, { priority: 'low' })).suppressed, 'priority');
  assert.is((await world.notifications.sendAlert(alice, alert)).suppressed, 'quiet-hours');
  const everybody = { audience: 'all', type: 'alert', data: alert } as const;
  await world.notifications.broadcast(everybody);
  assert.equal(world.notifications.counts(alice), { total: 0, unread: 0, unseen: 0 });
  assert.equal(
    world.notifications.list(alice, { include: ['suppressed'] }).notifications.map(({ suppressed }) => suppressed),
    ['quiet-hours', 'quiet-hours', 'priority', 'muted'],
  );
  assert.is((await world.notifications.sendPayment(alice, payment, { priority: 'urgent' })).suppressed, undefined);
  await world.notifications.broadcast({ ...everybody, priority: 'urgent' });
  await world.clock.advance(3_600_000);
  await world.notifications.broadcast(everybody);
  await world.notifications.sendAlert(alice, alert);
  await world.notifications.setPreferences(alice, {});
  await world.notifications.sendPayment(alice, payment);
  assert.is(world.notifications.counts(alice).total, 5);
  await world.notifications.idle();
  assert.is(view.size, 5);
});

test('a broadcast to all is one event, and not for people who first appear later', async () => {
  const world = new World();
  await world.open(alice);
  await world.notifications.personSeen(bob);
  await world.notifications.personSeen(bob);
  const before = world.events.length;
  const { total, broadcastId } = await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
  assert.is(total, 2);
  assert.is(world.events.length, before + 1);
  assert.equal((await world.open(bob)).size, 1);
  assert.equal((await world.open(carol)).size, 0);
  assert.is(world.notifications.counts(carol).total, 0);
  assert.is(world.notifications.broadcastStatus(broadcastId)?.state, 'done');
});

test('a broadcast to those online reaches exactly those connected when it was accepted', async () => {
  const world = new World();
  world.online = [alice, bob, alice];
  const { broadcastId, total } = await world.notifications.broadcast({
    audience: 'online',
    type: 'alert',
    data: alert,
  });
  world.online = [carol];
  await world.notifications.idle();
  assert.is(total, 2);
  const inboxes = [alice, bob, carol].map((user) => world.notifications.list(user).notifications);
  assert.equal(
    inboxes.map((inbox) => inbox.length),
    [1, 1, 0],
  );
  assert.is(inboxes[0]?.[0]?.broadcastId, broadcastId);
});

test('a list broadcast reports its progress, and a recall stops it and takes it out of all inboxes', async () => {
  const world = new World();
  const userIds = Array.from({ length: 200 }, (_, n) => `user-${n}`);
  const view = await world.open(person('user-3'));
  const { broadcastId } = await world.notifications.broadcast({ userIds, type: 'alert', data: alert });
  await until(() => (world.notifications.broadcastStatus(broadcastId)?.delivered ?? 0) >= 25, 'a slice is delivered');
  assert.is(world.notifications.broadcastStatus(broadcastId)?.state, 'running');
  assert.is(view.size, 1);
  const status = await world.notifications.recall(broadcastId);
  await world.notifications.idle();
  assert.is(status.state, 'recalled');
  assert.ok(status.delivered < 200);
  assert.is(view.size, 0);
  for (const user of userIds) assert.is(world.notifications.list(person(user)).total, 0);
  assert.equal(await world.notifications.recall(broadcastId), status);
  assert.is(await codeOf(world.notifications.recall('01ARZ3NDEKTSV4RRFFQ69G5FAV')), 'not-found');
});

test('when the log cannot write, a send says so and a broadcast under way goes on later', async () => {
  const world = new World();
  const { broadcastId } = await world.notifications.broadcast({
    userIds: ['alice', 'bob'],
    type: 'alert',
    data: alert,
  });
  world.fate = () => 'refused';
  assert.is(await codeOf(world.notifications.sendAlert(alice, alert)), 'log-unavailable');
  await until(() => world.reports.length > 0, 'the failed slice is reported');
  world.fate = () => 'logged';
  await world.clock.advance(500);
  await world.notifications.idle();
  assert.is(world.notifications.broadcastStatus(broadcastId)?.state, 'done');
  assert.equal(
    [alice, bob].map((user) => world.notifications.counts(user).total),
    [1, 1],
  );
});

test('every fault of a request is listed at once', async () => {
  const world = new World();
  const faultsOf = async (body: object): Promise<string[]> => {
    try {
      await world.notifications.send(JSON.parse(JSON.stringify(body)));
    } catch (error) {
      if (error instanceof ContrailError) return error.faults.map(({ at }) => at);
    }
    return [];
  };
  assert.equal(
    await faultsOf({
      userId: ' x',
      type: 'payment',
      priority: 'big',
      colour: 1,
      data: { amount: 19.99, currency: 'eur', statu: 1 },
    }),
    [
      '/userId',
      '/priority',
      '/colour',
      '/data/amount',
      '/data/currency',
      '/data/status',
      '/data/transactionId',
      '/data/statu',
    ],
  );
  assert.equal(await faultsOf({ userId: 'x', type: 'settlement', data: { name: 'n', amount: 5, status: 's' } }), [
    '/data/currency',
  ]);
  assert.equal(
    await faultsOf({
      userId: 'x',
      type: 'booking',
      data: { showTitle: 's', date: '2026-02-30', confirmationNumber: '', status: 's' },
    }),
    ['/data/date', '/data/confirmationNumber'],
  );
  assert.equal(await faultsOf({ userId: 'x', type: 'alert', data: alert, expiresAt: formatTime(start) }), [
    '/expiresAt',
  ]);
  assert.equal(await faultsOf([]), ['']);
  const crowd = Array.from({ length: 1001 }, (_, n) => `u${n}`);
  assert.is(await codeOf(world.notifications.broadcast({ userIds: crowd, type: 'alert', data: alert })), 'bad-request');
  assert.is(await codeOf(world.notifications.broadcast({ type: 'alert', data: alert })), 'bad-request');
  assert.is(world.events.length, 0);
});

test('statistics follow the log', async () => {
  const world = new World();
  await world.open(alice);
  const { id } = await world.notifications.sendPayment(alice, payment);
  const late = await world.notifications.sendAlert(bob, alert, {
    priority: 'high',
    expiresAt: formatTime(start + 60_000),
  });
  await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
  await world.clock.advance(1000);
  await world.notifications.markRead(alice, id);
  await world.notifications.markSeen(bob, late.id);
  await world.clock.advance(59_000);
  const stats = world.notifications.stats();
  assert.is(stats.sent, 3);
  assert.equal(stats.byType, { payment: 1, booking: 0, flight: 0, settlement: 0, alert: 2 });
  assert.equal(stats.byPriority, { low: 0, normal: 2, high: 1, urgent: 0 });
  assert.equal(stats.byState, {
    unread: 0,
    read: 1,
    archived: 0,
    expired: 1,
    suppressed: 0,
    collapsed: 0,
    recalled: 0,
  });
  assert.equal(stats.broadcasts, { total: 1, running: 0, recalled: 0, recipients: 1 });
  assert.equal(stats.delivered, { live: 1, later: 1, waiting: 0, broadcastsLive: 1 });
  assert.ok(Math.abs((stats.medianTimeToReadMs ?? 0) - 1000) < 16);
});

test('a gate change tells each watcher once, with high priority, and replaces the unread one before', async () => {
  const world = new World();
  const view = await world.open(alice);
  const change = async (kind: 'gate' | 'status', from: string, to: string): Promise<void> => {
    const flight = { flightNumber: 'DL123', status: kind === 'status' ? to : 'on-time', gate: 'C1', delayMinutes: 0 };
    const priority = kind === 'gate' ? ('high' as const) : ('normal' as const);
    const watchers = ['alice', 'bob', 'alice'];
    const notice = { flightId: 'FL-001', kind, from, to, priority, watchers, flight, at: start };
    await world.commit(world.notifications.flightNotices(notice));
    await world.notifications.idle();
  };
  await change('gate', 'B12', 'B15');
  await change('gate', 'B15', 'C1');
  assert.is(view.size, 1);
  const entry = [...view.values()][0];
  assert.is(entry?.['priority'], 'high');
  assert.is(entry?.['message'], 'Gate changed from B15 to C1.');
  await change('status', 'on-time', 'boarding');
  assert.is(view.size, 2);
  assert.is(world.notifications.counts(bob).total, 2);
  assert.is(world.notifications.counts(carol).total, 0);
});

test.run();
