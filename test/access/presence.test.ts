// Presence: who is seen as whom, in a document and across documents, and what the REST routes say of it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeAwarenessUpdate } from 'y-protocols/awareness';
import { until } from '../support/deadline.js';
import { seedOr } from '../support/random.js';
import { awarenessFrame } from '../support/raw-client.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { run as forgedPresence } from './forged-presence.js';
import { inWorld, tokenOf, type World } from './world.js';

const seed = seedOr(20_260_601);

test(`forged presence leaves everybody as they are (seed ${seed})`, () =>
  inWorld(async (world) => assert.equal(await forgedPresence(world, 5_000, seed), [])));

test("a reconnecting client's re-sent peers cause neither change nor punishment", () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', carol: 'viewer' });
    const [alice, bob, carol] = [
      await world.join('plan', 'alice'),
      await world.join('plan', 'bob'),
      await world.join('plan', 'carol'),
    ];
    alice.show({ cursor: 1 });
    bob.show({ cursor: 2 });
    await until(() => carol.awareness.getStates().size === 2 && bob.awareness.getStates().size === 2, 'both are seen');
    bob.destroy();
    await until(() => carol.awareness.getStates().size === 1, 'bob is gone');
    const again = await world.join('plan', 'bob', { doc: alice.doc === bob.doc ? alice.doc : bob.doc });
    again.show({ cursor: 3 });
    const everybody = [...again.awareness.getStates().keys()];
    again.send(awarenessFrame(encodeAwarenessUpdate(again.awareness, everybody)));
    await again.ask('hello');
    await until(() => carol.awareness.getStates().size === 2, 'bob is back');
    const seen = [...carol.awareness.getStates().values()].map(({ user, cursor }) => [user.id, cursor]);
    assert.equal(seen.sort(), [
      ['alice', 1],
      ['bob', 3],
    ]);
    assert.is(again.closed, null);
  }));

test('nobody takes the place of somebody who is away for a moment', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', mallory: 'editor' });
    const [alice, bob] = [await world.join('plan', 'alice'), await world.join('plan', 'bob')];
    bob.show({ cursor: 1 });
    await until(() => alice.awareness.getStates().size === 1, 'bob is seen');
    const { doc } = bob;
    bob.destroy();
    await until(() => alice.awareness.getStates().size === 0, 'bob is gone');
    const mallory = await world.join('plan', 'mallory');
    mallory.doc.clientID = doc.clientID;
    mallory.awareness.clientID = doc.clientID;
    mallory.show({ cursor: 666 });
    await mallory.ask('hello');
    const again = await world.join('plan', 'bob', { doc });
    again.awareness.clientID = doc.clientID;
    again.show({ cursor: 2 });
    await until(() => alice.awareness.getStates().size === 1, 'bob is back');
    assert.equal(alice.awareness.getStates().get(doc.clientID), { cursor: 2, user: { id: 'bob' } });
  }));

const online = async (world: World, asker: string) =>
  (
    (await world.as(asker, 'GET', '/users/online'))['users'] as {
      userId: string;
      status: string;
      documents: string[];
    }[]
  ).map(({ userId, status, documents }) => `${userId} ${status} ${documents.join(',')}`.trim());

test('online, away and offline, across documents and with a grace for reconnecting', async () => {
  const clock = createVirtualClock(Date.now());
  await inWorld(
    async (world) => {
      await world.document('plan', { bob: 'editor', carol: 'viewer' });
      await world.document('secret', { bob: 'editor' });
      const [first, second] = [await world.join('plan', 'bob', { name: 'Bob' }), await world.join('secret', 'bob')];
      const carol = await world.join('plan', 'carol');
      assert.equal(await online(world, 'alice'), ['bob online plan,secret', 'carol online plan']);
      assert.equal(
        await online(world, 'carol'),
        ['bob online plan', 'carol online plan'],
        'what carol may not know of is left out',
      );
      assert.equal(await online(world, 'mallory'), ['bob online', 'carol online']);
      await first.ask('status', { status: 'away' });
      assert.ok((await online(world, 'alice'))[0]?.startsWith('bob online'), 'one of two connections is not all');
      second.show({ status: 'away' });
      await second.ask('hello');
      assert.ok((await online(world, 'alice'))[0]?.startsWith('bob away'));
      await first.ask('status', { status: 'online' });
      assert.ok((await online(world, 'alice'))[0]?.startsWith('bob online'));
      assert.is((await first.ask('status', { status: 'asleep' })).error?.code, 'bad-request');

      carol.show({ cursor: 1 });
      for (let renewal = 0; renewal < 20; renewal += 1) {
        await clock.advance(14_000);
        first.type('x');
        carol.show({ cursor: 1 });
        await first.ask('hello');
      }
      await clock.advance(20_000);
      first.type('x');
      await first.ask('hello');
      assert.ok((await online(world, 'alice'))[1]?.startsWith('carol away'), 'renewing presence is no activity');
      carol.show({ cursor: 2 });
      await until(
        async () => (await online(world, 'alice'))[1]?.startsWith('carol online') ?? false,
        'a moved cursor is',
      );

      carol.destroy();
      const here = async () =>
        ((await world.as('alice', 'GET', '/documents/plan/users'))['users'] as { userId: string }[]).map(
          ({ userId }) => userId,
        );
      await until(async () => !(await here()).includes('carol'), 'carol has left the document');
      await clock.advance(4_000);
      assert.is((await online(world, 'alice'))[1], 'carol online', 'she may be back in a moment');
      await clock.advance(1_000);
      assert.is((await online(world, 'alice')).length, 1);
    },
    { parts: { clock } },
  );
});

test('who has a document open, and their cursors, for those who may read it', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', carol: 'viewer' });
    const bob = await world.join('plan', 'bob', { name: 'Bob' });
    const twice = await world.join('plan', 'bob', { name: 'Bob' });
    bob.show({ user: { name: 'Alice' }, typing: true, cursor: { anchor: 1, head: 2 } });
    await bob.ask('hello');
    const { users, count } = await world.as('carol', 'GET', '/documents/plan/users');
    assert.is(count, 1);
    const [user] = users as Record<string, unknown>[];
    assert.equal(
      { ...user, since: null },
      { userId: 'bob', name: 'Bob', status: 'online', since: null, role: 'editor', typing: true },
    );
    assert.equal((await world.as('carol', 'GET', '/documents/plan/cursors'))['cursors'], [
      {
        clientId: bob.doc.clientID,
        userId: 'bob',
        name: 'Bob',
        cursor: { anchor: 1, head: 2 },
        state: { user: { name: 'Bob', id: 'bob' }, typing: true, cursor: { anchor: 1, head: 2 } },
      },
    ]);
    assert.is((await world.call('GET', '/documents/plan/cursors', await tokenOf('mallory'))).status, 404);
    assert.is(twice.closed, null);
  }));

test('a state that is no object closes its sender', () =>
  inWorld(async (world) => {
    await world.document('plan', { mallory: 'viewer' });
    const mallory = await world.join('plan', 'mallory');
    mallory.send(Uint8Array.of(1, 8, 1, 1, 1, 4, 0x22, 0x68, 0x69, 0x22));
    assert.is((await mallory.closing()).code, 4400);
  }));

test.run();
