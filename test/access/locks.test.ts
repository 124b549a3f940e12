// Locks as people meet them: by REST and by socket, with a holder who finishes, goes away, or is broken off.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { replayRows } from '../support/log-rows.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import type { Member } from './member.js';
import { inWorld, tokenOf, type World } from './world.js';

const team = { bob: 'editor', carol: 'editor', victor: 'viewer' } as const;
const textOf = (world: World): string => replayRows(world.rows('plan')).getText('content').toString();
const kindsOf = (world: World): readonly string[] =>
  world
    .rows('plan')
    .filter(({ kind }) => kind.includes('lock'))
    .map(({ kind, actor }) => `${kind} ${actor}`);
const count = (text: string, letter: string): number => text.split(letter).length - 1;
const agree = (...members: readonly Member[]) =>
  until(() => members.every(({ text }) => text === members[0]?.text), 'everybody sees the same');

test("while bob holds the lock only his edits are taken; on release everybody's are there, none lost, none doubled", () =>
  inWorld(async (world) => {
    await world.document('plan', team);
    const [alice, bob, carol] = [
      await world.join('plan', 'alice'),
      await world.join('plan', 'bob'),
      await world.join('plan', 'carol'),
    ];
    for (const member of [alice, bob, carol]) await member.ask('hello');
    const answer = await bob.ask('lock', { ttlSeconds: 60 });
    assert.is((answer.ok?.['lock'] as { userId: string } | undefined)?.userId, 'bob');
    await until(() => carol.heard('locked').length === 1, 'carol is told');
    assert.is(carol.heard('locked')[0]?.['by'], 'bob');
    for (let round = 0; round < 150; round += 1) {
      alice.type('a');
      bob.type('b');
      carol.type('c');
      if (round % 10 === 0) await bob.ask('hello');
    }
    for (const member of [alice, bob, carol]) await member.ask('hello');
    await until(
      () => count(alice.text, 'b') === 150 && count(carol.text, 'b') === 150,
      "bob's edits are on every screen",
    );
    assert.is(textOf(world), 'b'.repeat(150), 'and nobody else is in the log');
    assert.is(count(alice.text, 'c') + count(carol.text, 'a') + count(bob.text, 'a'), 0);
    assert.is(alice.closed ?? carol.closed, null, 'nobody is punished');
    assert.is(alice.denied, 0);
    await bob.ask('unlock');
    await until(() => textOf(world).length === 450, 'what was kept has come in');
    await agree(alice, bob, carol);
    for (const letter of 'abc') assert.is(count(alice.text, letter), 150, letter);
    alice.type('!');
    await until(() => bob.text.includes('!'), 'and typing goes on');
    assert.equal(kindsOf(world), ['locked bob', 'unlocked bob']);
  }));

test('edits typed before the release and after it merge in their order, also when they were sent in pieces', () =>
  inWorld(async (world) => {
    await world.document('plan', team);
    const [bob, carol] = [await world.join('plan', 'bob'), await world.join('plan', 'carol')];
    await bob.ask('lock');
    for (let at = 0; at < 20; at += 1) carol.type(`${at} `);
    carol.edit((doc) => doc.getText('content').delete(0, 2));
    const unlocking = bob.ask('unlock');
    for (let at = 20; at < 40; at += 1) carol.type(`${at} `);
    await unlocking;
    await until(() => bob.text === carol.text && bob.text.endsWith('39 '), 'all of it is there');
    assert.is(bob.text, Array.from({ length: 39 }, (_, at) => `${at + 1} `).join(''));
  }));

test('who may lock, renew, unlock and break, by REST', () =>
  inWorld(async (world) => {
    await world.document('plan', team);
    const call = async (user: string, method: string, body?: unknown, claims = {}) =>
      world.call(method, '/documents/plan/lock', await tokenOf(user, claims), body);
    assert.is((await call('victor', 'PUT')).status, 403);
    assert.is((await call('mallory', 'PUT')).status, 404);
    assert.is((await call('bob', 'PUT', { ttlSeconds: 0 })).status, 400);
    assert.is((await call('bob', 'PUT', { ttlSeconds: 3601 })).status, 400);
    const first = await call('bob', 'PUT', { ttlSeconds: 60 });
    assert.is(first.status, 200);
    const renewed = await call('bob', 'PUT', { ttlSeconds: 3600 });
    const until = (answer: typeof first) => Date.parse((answer.body['lock'] as { until: string }).until);
    assert.ok(until(renewed) - until(first) > 3_000_000);
    assert.equal((await world.as('alice', 'GET', '/documents/plan'))['lock'], renewed.body['lock']);
    const refused = await call('carol', 'PUT');
    assert.is(refused.status, 423);
    assert.is(refused.body['code'], 'locked');
    assert.is((await call('carol', 'DELETE')).status, 423, 'another’s lock is the owner’s to break');
    assert.is((await call('victor', 'DELETE')).status, 403);
    assert.is((await call('alice', 'PUT')).status, 423, 'the owner breaks it first');
    assert.equal((await call('alice', 'DELETE')).body, { lock: null });
    await call('bob', 'PUT');
    assert.is((await call('ada', 'DELETE', undefined, { roles: ['admin'] })).status, 200);
    assert.is((await call('bob', 'DELETE')).status, 200, 'nothing to free is no fault');
    assert.equal(kindsOf(world), ['locked bob', 'locked bob', 'unlocked alice', 'locked bob', 'unlocked ada']);
  }));

test("other people's edits by REST and their undo answer 423 while the lock is held, and leave no event", () =>
  inWorld(async (world) => {
    await world.document('plan', team);
    const edit = { path: ['content'], action: 'insert', value: 'x' };
    await world.as('carol', 'POST', '/documents/plan/edits', edit);
    await world.as('bob', 'PUT', '/documents/plan/lock', {});
    const before = world.rows('plan').length;
    const token = await tokenOf('carol');
    for (const [path, body] of [
      ['edits', edit],
      ['undo', { scope: 'user' }],
      ['restore', { seq: 1 }],
    ] as const) {
      const { status, body: problem } = await world.call('POST', `/documents/plan/${path}`, token, body);
      assert.is(status, 423, path);
      assert.is((problem['lock'] as { userId: string } | undefined)?.userId, 'bob');
    }
    const carol = await world.join('plan', 'carol');
    assert.is((await carol.ask('undo')).error?.code, 'locked');
    assert.is(world.rows('plan').length, before);
    await world.as('bob', 'POST', '/documents/plan/edits', edit);
    await world.as('bob', 'DELETE', '/documents/plan/lock');
    assert.is((await carol.ask('undo')).error, undefined);
  }));

test('a lock ends with its time, and when the holder has been gone for 10 s; renewing and coming back keep it', async () => {
  const clock = createVirtualClock(Date.now());
  await inWorld(
    async (world) => {
      await world.document('plan', team);
      const carol = await world.join('plan', 'carol');
      await carol.ask('hello');
      const bob = await world.join('plan', 'bob');
      await bob.ask('lock', { ttlSeconds: 20 });
      carol.type('kept by carol');
      await carol.ask('hello');
      await clock.advance(19_000);
      await bob.ask('lock', { ttlSeconds: 20 });
      await clock.advance(19_000);
      assert.equal(kindsOf(world), ['locked bob', 'locked bob']);
      await clock.advance(1_000);
      await until(() => textOf(world) === 'kept by carol', 'its time is over');
      assert.equal(kindsOf(world), ['locked bob', 'locked bob', 'unlocked system']);

      await bob.ask('lock', { ttlSeconds: 3600 });
      bob.destroy();
      await until(async () => !(await active(world)).includes('bob'), 'bob is gone');
      await clock.advance(9_000);
      const again = await world.join('plan', 'bob');
      await clock.advance(9_000);
      assert.is(kindsOf(world).at(-1), 'locked bob', 'bob came back in time');
      again.destroy();
      await until(async () => !(await active(world)).includes('bob'), 'bob is gone again');
      carol.type(', and more');
      await clock.advance(10_000);
      await until(() => textOf(world) === 'kept by carol, and more', 'the grace is over');
      assert.is(kindsOf(world).at(-1), 'unlocked system');
      assert.is(carol.heard('unlocked').length, 2);
    },
    { parts: { clock } },
  );
});

const active = async (world: World): Promise<readonly string[]> =>
  (await world.as('alice', 'GET', '/documents/plan'))['activeUsers'] as string[];

test('who loses the role loses the lock, and what the others kept comes in', () =>
  inWorld(async (world) => {
    await world.document('plan', team);
    const [bob, carol] = [await world.join('plan', 'bob'), await world.join('plan', 'carol')];
    await bob.ask('lock', { ttlSeconds: 3600 });
    carol.type('kept');
    await carol.ask('hello');
    await world.as('alice', 'POST', '/documents/plan/share', { userIds: ['bob'], role: 'viewer' });
    await until(() => textOf(world) === 'kept', 'carol is let in');
  }));

test('a lock outlives a restart until its time is over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-access-'));
  const clock = createVirtualClock(Date.now());
  const options = { dataDir, parts: { clock } };
  try {
    await inWorld(async (world) => {
      await world.document('plan', team);
      await world.as('bob', 'PUT', '/documents/plan/lock', { ttlSeconds: 60 });
      await world.as('bob', 'POST', '/documents/create', { id: 'other' });
      await world.as('bob', 'PUT', '/documents/other/lock', { ttlSeconds: 5 });
    }, options);
    await clock.advance(30_000);
    await inWorld(async (world) => {
      assert.is((await world.call('PUT', '/documents/plan/lock', await tokenOf('carol'))).status, 423);
      const carol = await world.join('plan', 'carol');
      await carol.ask('hello');
      assert.is(carol.heard('locked').length, 1, 'whoever comes is told');
      carol.type('kept');
      await carol.ask('hello');
      assert.is(textOf(world), '');
      await clock.advance(1_000);
      await until(
        () => world.rows('other').at(-1)?.kind === 'unlocked',
        'what ended while the server was down is freed',
      );
      await clock.advance(29_000);
      await until(() => textOf(world) === 'kept', 'its time is over');
    }, options);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
