// Pages: keyset on the id, stable while new notifications arrive, filters before the limit.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createIdSequence, isNotificationId, timeOfId } from '../../src/notify/id-sequence.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { person, seededRandom, start, World } from './world.js';

const alice = person('alice');
const alert = { urgency: 'high', message: 'The hall is full.' };
const booking = { showTitle: 'Faust', date: '2026-11-22', confirmationNumber: 'C1', status: 'confirmed' };

test('paging repeats nothing and leaves nothing out while new ones arrive and old ones change', async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`  seed ${seed}`);
  for (let round = 0; round < 15; round++) {
    const world = new World(seed + round);
    const { notifications, random, clock } = world;
    const add = async (): Promise<void> => {
      if (random() < 0.3) await notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
      else if (random() < 0.5) await notifications.sendBooking('alice', booking);
      else await notifications.sendAlert('alice', alert);
      if (random() < 0.4) await clock.advance(Math.floor(random() * 3));
    };
    await notifications.personSeen(alice);
    for (let n = 0; n < 60; n++) await add();
    const type = random() < 0.5 ? ('alert' as const) : undefined;
    const filter = type === undefined ? {} : { type };
    const expected = notifications.list(alice, { ...filter, limit: 1000 }).notifications.map(({ id }) => id);
    const paged: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const limit = 1 + Math.floor(random() * 9);
      const page = notifications.list(alice, { ...filter, limit, ...(after === undefined ? {} : { after }) });
      assert.ok(page.notifications.length === limit || page.next === null, 'only the last page is short');
      paged.push(...page.notifications.map(({ id }) => id));
      after = page.next;
      await add();
      await notifications.markRead(alice, paged[0] ?? '');
    }
    assert.equal(paged, expected, `seed ${seed + round}`);
    assert.equal(paged, [...paged].sort().reverse());
  }
});

test('lists filter by state, type and priority', async () => {
  const { notifications } = new World();
  const read = await notifications.sendAlert('alice', alert);
  const high = await notifications.sendBooking('alice', booking, { priority: 'high' });
  await notifications.markRead(alice, read.id);
  const idsOf = (query: Parameters<typeof notifications.list>[1]): string[] =>
    notifications.list(alice, query).notifications.map(({ id }) => id);
  assert.equal(idsOf({ state: 'unread' }), [high.id]);
  assert.equal(idsOf({ type: 'alert' }), [read.id]);
  assert.equal(idsOf({ priority: 'high' }), [high.id]);
  assert.equal(idsOf({ priority: 'high', type: 'alert' }), []);
  assert.is(notifications.unread(alice).total, 2);
  assert.throws(() => notifications.list(alice, { limit: 0, after: 'x' }), /2 faults/);
});

test('ids grow within a millisecond, over a step of the clock back, and after a restart', async () => {
  const clock = createVirtualClock(start);
  const next = createIdSequence(clock, seededRandom(1), null);
  const ids = Array.from({ length: 1000 }, next);
  const earlier = createIdSequence(createVirtualClock(start - 5000), seededRandom(2), ids.at(-1) ?? null);
  ids.push(earlier(), earlier());
  assert.equal([...ids].sort(), ids);
  assert.is(new Set(ids).size, 1002);
  assert.ok(ids.every(isNotificationId));
  assert.is(timeOfId(ids[0] ?? ''), start);
  assert.is(timeOfId(createIdSequence(createVirtualClock(start + 77), () => 0.999, null)()), start + 77);
});

test.run();
