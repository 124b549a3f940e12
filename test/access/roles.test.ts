// Roles on live connections: sharing, un-sharing, promotion, deletion, expiry, and whose client ids are whose.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { replayRows } from '../support/log-rows.js';
import { updateFrame } from '../support/raw-client.js';
import { inWorld, tokenOf } from './world.js';

const edits = (rows: readonly { readonly kind: string; readonly actor: string }[], actor: string): number =>
  rows.filter((row) => row.kind === 'edit' && row.actor === actor).length;

test('an editor made viewer keeps reading on the same connection, and made editor again gets their edits in', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor' });
    const [alice, bob] = [await world.join('plan', 'alice'), await world.join('plan', 'bob')];
    await bob.ask('hello');
    bob.type('one ');
    await until(() => alice.text === 'one ', 'alice sees the edit');
    await world.as('alice', 'POST', '/documents/plan/share', { userIds: ['bob'], role: 'viewer' });
    await until(() => bob.heard('role').length === 1, 'bob is told');
    assert.is(bob.heard('role')[0]?.['role'], 'viewer');
    bob.type('two ');
    bob.type('three ');
    await until(() => bob.denied === 1 && bob.heard('rejected').length === 1, 'bob is denied, once a second');
    alice.type('(alice) ');
    await until(() => bob.text.includes('(alice)'), 'bob still reads');
    assert.is(edits(world.rows('plan'), 'bob'), 1);
    await world.as('alice', 'POST', '/documents/plan/share', { userIds: ['bob'], role: 'editor' });
    await until(() => alice.text.includes('two three '), 'what bob typed meanwhile comes in');
    assert.is(bob.text, alice.text);
    assert.is(bob.closed, null);
    assert.is(replayRows(world.rows('plan')).getText('content').toString(), alice.text);
  }));

test('un-sharing closes with 4403 and the document is gone for them, as if it had never been', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor' });
    const bob = await world.join('plan', 'bob');
    await world.as('alice', 'DELETE', '/documents/plan/collaborators/bob');
    assert.is((await bob.closing()).code, 4403);
    assert.is((await world.call('GET', '/documents/plan', await tokenOf('bob'))).status, 404);
    assert.is((await world.connect('plan', await tokenOf('bob')).closing()).code, 4403);
    const { events } = await world.as('alice', 'GET', '/documents/plan/history?kind=shared,unshared');
    assert.equal(
      (events as { kind: string; actor: string; meta: unknown }[]).map(({ kind, actor, meta }) => ({
        kind,
        actor,
        meta,
      })),
      [
        { kind: 'shared', actor: 'alice', meta: { userId: 'bob', role: 'editor' } },
        { kind: 'unshared', actor: 'alice', meta: { userId: 'bob' } },
      ],
    );
  }));

test('a deleted document closes with 4410, and an old client cannot bring it back', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor' });
    const bob = await world.join('plan', 'bob');
    await bob.ask('hello');
    bob.type('kept by bob');
    await until(() => edits(world.rows('plan'), 'bob') === 1, 'the edit is logged');
    assert.is((await world.call('DELETE', '/documents/plan', await tokenOf('bob'))).status, 403);
    await world.as('alice', 'DELETE', '/documents/plan');
    assert.is((await bob.closing()).code, 4410);
    assert.is(bob.heard('deleted').length, 1);
    const logged = world.rows('plan').length;
    assert.is((await world.connect('plan', await tokenOf('bob'), { doc: bob.doc }).closing()).code, 4410);
    assert.is((await world.call('POST', '/documents/create', await tokenOf('bob'), { id: 'plan' })).status, 410);
    assert.is((await world.call('GET', '/documents/plan', await tokenOf('alice'))).status, 410);
    assert.is((await world.call('GET', '/documents/plan', await tokenOf('mallory'))).status, 404);
    assert.is(world.rows('plan').length, logged);
  }));

test('a document is renamed by its editors', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', victor: 'viewer' });
    assert.is((await world.as('bob', 'PATCH', '/documents/plan', { title: 'The plan' }))['title'], 'The plan');
    assert.is((await world.call('PATCH', '/documents/plan', await tokenOf('victor'), { title: 'Mine' })).status, 403);
    assert.is((await world.call('PATCH', '/documents/plan', await tokenOf('mallory'), { title: 'Mine' })).status, 404);
  }));

test("a token's claims win over stored membership, in both directions", () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor' });
    const claims = { documents: { plan: 'viewer' } };
    assert.is((await world.call('PATCH', '/documents/plan', await tokenOf('bob', claims), { title: 'x' })).status, 403);
    const carol = await world.join('plan', 'carol', { documents: { plan: 'editor' } });
    carol.type('let in by the host');
    await until(() => edits(world.rows('plan'), 'carol') === 1, 'carol may edit');
    await world.as('alice', 'DELETE', '/documents/plan/collaborators/carol');
    assert.is((await carol.ask('hello')).ok?.['role'], 'editor', 'the host decides for carol');
  }));

test('an expired token ends its connection with 4401, on a frame or without one', () =>
  inWorld(async (world) => {
    await world.document('plan');
    const exp = Math.ceil(Date.now() / 1000) + 1;
    const [quiet, busy] = [await world.join('plan', 'alice', { exp }), await world.join('plan', 'alice', { exp })];
    const typing = setInterval(() => busy.type('x'), 20);
    try {
      assert.is((await busy.closing()).code, 4401);
      assert.is((await quiet.closing()).code, 4401);
    } finally {
      clearInterval(typing);
    }
  }));

test("nobody writes under somebody else's Yjs client id, not even as its next keystroke", () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', mallory: 'editor' });
    const bob = await world.join('plan', 'bob');
    bob.type('a');
    bob.type('b');
    await until(() => edits(world.rows('plan'), 'bob') === 2, 'bob has typed');
    const mallory = await world.join('plan', 'mallory');
    mallory.doc.clientID = bob.doc.clientID;
    mallory.type('c');
    assert.is((await mallory.closing()).code, 4409);
    const again = await world.join('plan', 'bob', { doc: bob.doc });
    again.type('c');
    await until(() => edits(world.rows('plan'), 'bob') === 3, 'bob goes on from another connection');
    assert.is(edits(world.rows('plan'), 'mallory'), 0);
  }));

test('owners of client ids outlive the room and the process', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-access-'));
  const doc = new Y.Doc();
  doc.getText('content').insert(0, 'mine');
  const clientId = doc.clientID;
  try {
    await inWorld(
      async (world) => {
        await world.document('plan', { mallory: 'editor' });
        const alice = await world.join('plan', 'alice');
        alice.send(updateFrame(Y.encodeStateAsUpdate(doc)));
        await until(() => edits(world.rows('plan'), 'alice') === 1, 'alice has written');
      },
      { dataDir },
    );
    await inWorld(
      async (world) => {
        const mallory = await world.join('plan', 'mallory');
        mallory.doc.clientID = clientId;
        mallory.type(' and mine');
        assert.is((await mallory.closing()).code, 4409);
      },
      { dataDir },
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test.run();
