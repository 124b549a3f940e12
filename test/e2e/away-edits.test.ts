// What the server writes into documents that nobody has open: straight into the log, under the same rules, and in nobody's way who opens
// them at that moment.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documentStream } from '../../src/model/ids.js';
import { systemClock } from '../../src/model/time.js';
import { tokenOf, World } from '../access/world.js';
import { until } from '../support/deadline.js';
import { documentIdOf } from '../support/document-log.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { documentRows } from '../support/log-rows.js';
import { RawClient } from '../support/raw-client.js';
import { Rest } from '../support/rest.js';

const create = async (rest: Rest, id: string, content = 'seed'): Promise<void> =>
  assert.is((await rest.call('POST', '/documents/create', { id, content })).status, 201);

const insert = async (rest: Rest, id: string, value: string): Promise<void> => {
  const body = { path: ['content'], action: 'insert', index: 0, value };
  assert.is((await rest.call('POST', `/documents/${id}/edits`, body)).status, 201);
};

const statusOf = async (rest: Rest, method: string, path: string, body?: unknown): Promise<number> =>
  (await rest.call(method, path, body)).status;

interface Listed {
  readonly seq: number;
  readonly kind: string;
  readonly actor: string;
}

const history = async (rest: Rest, id: string): Promise<readonly Listed[]> =>
  (await rest.json<{ events: Listed[] }>(`/documents/${id}/history?limit=1000`)).events;

const open = async ({ wsUrl }: LocalServer, id: string, user: string): Promise<RawClient> => {
  const client = new RawClient(wsUrl, id, { user, params: { channels: 'none' } });
  await client.sync();
  return client;
};

const textOf = (client: RawClient): string => client.doc.getText('content').toString();

test('edits, undo, redo and a restore of a document that nobody has open do not load it, and who opens it then has them', () => {
  // Each look at the clock is a second later: every edit is a step of its own.
  let time = Date.parse('2026-01-01T00:00:00Z');
  const now = () => {
    time += 1_000;
    return time;
  };
  const work = async (local: LocalServer) => {
    const alice = new Rest(local.url, 'alice');
    await create(alice, 'plan');
    await insert(alice, 'plan', 'one ');
    await local.restart();
    await insert(alice, 'plan', 'two ');
    assert.is(await statusOf(alice, 'POST', '/documents/plan/restore', { seq: 1 }), 200);
    for (const what of ['undo', 'undo', 'redo'])
      assert.is(await statusOf(alice, 'POST', `/documents/plan/${what}`), 200, what);
    assert.is(local.server.rooms.size, 0);
    assert.is(await alice.documentText('plan'), 'two one seed');
    const client = await open(local, 'plan', 'bob');
    try {
      assert.is(textOf(client), 'two one seed');
      assert.is(await statusOf(alice, 'POST', '/documents/plan/undo'), 200);
      await until(() => textOf(client) === 'one seed', 'the undo reaches who is there');
      const kinds = (await history(alice, 'plan')).map(({ kind }) => kind);
      assert.equal(kinds, ['created', 'edit', 'edit', 'restored', 'undo', 'undo', 'redo', 'undo']);
    } finally {
      client.destroy();
    }
  };
  return withLocalServer(work, {}, { clock: { now, after: systemClock.after } });
});

test('people who open a document while the server writes into it miss nothing and hold nothing up', () =>
  withLocalServer(async (local) => {
    const alice = new Rest(local.url, 'alice');
    for (let round = 0; round < 40; round += 1) {
      const id = `plan-${round}`;
      await create(alice, id, '');
      await insert(alice, id, 'a');
      await local.server.rooms.peek(documentIdOf(id))?.durable();
      const clients: RawClient[] = [];
      try {
        const [, , ...opened] = await Promise.all([
          insert(alice, id, 'b'),
          statusOf(alice, 'POST', `/documents/${id}/undo`).then((status) => assert.is(status, 200)),
          open(local, id, 'bob'),
          open(local, id, 'carol'),
          insert(alice, id, 'c'),
        ]);
        clients.push(...opened.filter((each): each is RawClient => each instanceof RawClient));
        const [bob, carol] = clients;
        bob?.edit((doc) => doc.getText('content').insert(0, 'B'));
        await until(async () => {
          const logged = await alice.documentText(id);
          return logged?.includes('B') === true && clients.every((client) => textOf(client) === logged);
        }, `round ${round}: all have what the log has`);
        assert.ok(carol);
        const seqs = (await history(alice, id)).map(({ seq }) => seq);
        assert.equal(seqs, [1, 2, 3, 4, 5, 6]);
      } finally {
        for (const client of clients) client.destroy();
      }
    }
  }));

test('who loses their role while the server writes for them has no event after that', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-away-'));
  const ids = Array.from({ length: 40 }, (_, index) => `shared-${index}`);
  const [alice, bob] = [await tokenOf('alice'), await tokenOf('bob')];
  const inWorld = async (work: (world: World) => Promise<void>) => {
    const world = await World.start({ dataDir });
    await work(world).finally(() => world.close());
  };
  try {
    await inWorld(async (world) => {
      for (const id of ids) {
        await world.call('POST', '/documents/create', alice, { id, content: 'seed' });
        await world.call('POST', `/documents/${id}/share`, alice, { userIds: ['bob'], role: 'editor' });
      }
    });
    // None of them is in memory now.
    await inWorld(async (world) => {
      const statuses = new Map<number, number>();
      for (const [index, id] of ids.entries()) {
        const edit = { path: ['content'], action: 'insert', index: 0, value: 'b' };
        const asked = world.call('POST', `/documents/${id}/edits`, bob, edit);
        await setTimeout(index % 8);
        await world.call('DELETE', `/documents/${id}/collaborators/bob`, alice);
        const { status } = await asked;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const events = documentRows(dataDir, id);
        const taken = events.findIndex(({ kind }) => kind === 'unshared');
        const his = events.flatMap(({ actor }, at) => (actor === 'bob' ? [at] : []));
        assert.ok(taken > 0);
        assert.is(his.length, status === 201 ? 1 : 0, id);
        assert.ok(
          his.every((at) => at < taken),
          id,
        );
      }
      console.log('  ', JSON.stringify(Object.fromEntries(statuses)));
      assert.ok((statuses.get(201) ?? 0) > 0 && statuses.size > 1, 'both came first now and then');
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a lock that somebody else holds stops it, and nothing is changed', () =>
  withLocalServer(async (local) => {
    const [alice, bob] = [new Rest(local.url, 'alice'), new Rest(local.url, 'bob')];
    await create(alice, 'plan');
    await insert(bob, 'plan', 'b');
    assert.is(await statusOf(alice, 'PUT', '/documents/plan/lock', { ttlSeconds: 600 }), 200);
    await local.restart();
    assert.is(await statusOf(bob, 'POST', '/documents/plan/undo'), 423);
    assert.is(local.server.rooms.size, 0);
    assert.is((await history(alice, 'plan')).at(-1)?.kind, 'locked');
    assert.is(await alice.documentText('plan'), 'bseed');
  }));

test('a document that only the server writes into gets its checkpoints all the same', () =>
  withLocalServer(async (local) => {
    const alice = new Rest(local.url, 'alice');
    await create(alice, 'plan');
    for (let count = 0; count < 8; count += 1) await insert(alice, 'plan', 'x'.repeat(20_000));
    const checkpoint = await local.server.log.checkpoint(documentStream(documentIdOf('plan')), 9);
    assert.ok(checkpoint && checkpoint.seq > 1);
  }));

test.run();
