// Client ids that came with an import: pages that were open all through a migration go on, and nobody becomes somebody else by it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { contrailHere } from '../support/command-line.js';
import { until } from '../support/deadline.js';
import { updateFrame } from '../support/raw-client.js';
import { StockClient } from '../support/stock-client.js';
import { inWorld, tokenOf, type World } from './world.js';

interface Migration {
  /** The document in bob's page, which was open before the import and is still. */
  readonly page: Y.Doc;
  readonly import: (...more: readonly string[]) => Promise<void>;
  readonly serve: (work: (world: World) => Promise<void>) => Promise<void>;
}

const migrated = async (work: (migration: Migration) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'contrail-migration-'));
  const dataDir = join(folder, 'data');
  const file = join(folder, 'state.bin');
  const page = new Y.Doc();
  page.getText('content').insert(0, 'before ');
  const importPage = async (...more: readonly string[]) => {
    writeFileSync(file, Y.encodeStateAsUpdate(page));
    const where = ['--format', 'update', '--id', 'plan', '--as', 'migration', '--data', dataDir];
    const { code, output } = await contrailHere(['import', file, ...where, ...more]);
    assert.is(code, 0, output);
  };
  try {
    await importPage();
    const serve = (inside: (world: World) => Promise<void>) => inWorld(inside, { dataDir });
    await serve((world) =>
      world
        .as('migration', 'POST', '/documents/plan/share', { userIds: ['bob', 'mallory'], role: 'editor' })
        .then(() => {}),
    );
    await work({ page, import: importPage, serve });
  } finally {
    page.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
};

const actorsOf = (world: World): readonly string[] =>
  world
    .rows('plan')
    .filter(({ kind }) => kind === 'edit')
    .map(({ actor }) => actor);

const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

/** Mallory goes on where bob's page has come to. */
const impersonate = async (world: World, page: Y.Doc): Promise<number> => {
  const doc = copyOf(page);
  const mallory = await world.join('plan', 'mallory', { doc });
  doc.clientID = page.clientID;
  mallory.type('forged');
  return (await mallory.closing()).code;
};

/** Who wrote which piece, as the server tells it. */
const attribution = async (world: World): Promise<unknown> => {
  const { runs } = await world.as('bob', 'GET', '/documents/plan/attribution');
  return (runs as { text: string; actor: string }[]).map(({ text, actor }) => [text, actor]);
};

test('a page that was open all through a migration brings in what was typed meanwhile, and goes on', () =>
  migrated(async ({ page, serve }) => {
    page.getText('content').insert(7, 'meanwhile ');
    await serve(async (world) => {
      const token = await tokenOf('bob');
      const tab = await new StockClient(world.wsUrl, 'plan', { user: 'bob', doc: page, params: { token } }).synced();
      await until(() => actorsOf(world).length === 1, 'what was typed meanwhile is logged');
      page.getText('content').insert(17, 'after');
      await until(() => actorsOf(world).length === 2, 'what is typed now is logged');
      assert.equal(actorsOf(world), ['bob', 'bob']);
      assert.equal(tab.closes, []);
      assert.equal(await attribution(world), [
        ['before ', 'migration'],
        ['meanwhile ', 'bob'],
        ['after', 'bob'],
      ]);
      tab.provider.destroy();
      assert.is(await impersonate(world, page), 4409, 'it is bob’s from now on');
    });
    await serve(async (world) => {
      assert.is(await impersonate(world, page), 4409, 'also after a restart');
      const bob = await world.join('plan', 'bob', { doc: page });
      bob.type('!');
      await until(() => actorsOf(world).length === 3, 'bob goes on');
      assert.equal(actorsOf(world), ['bob', 'bob', 'bob']);
    });
  }));

test('who takes an imported client id owns what they write from then on, and nothing of what was there', () =>
  migrated(({ page, serve }) =>
    serve(async (world) => {
      const doc = copyOf(page);
      const mallory = await world.join('plan', 'mallory', { doc });
      doc.clientID = page.clientID;
      mallory.type('forged');
      await until(() => actorsOf(world).length === 1, 'a free id may be used');
      assert.equal(await attribution(world), [
        ['before ', 'migration'],
        ['forged', 'mallory'],
      ]);
      const { events } = await world.as('bob', 'GET', '/documents/plan/history?actor=bob');
      assert.equal(events, [], 'bob has done nothing');
      const undone = await world.as('mallory', 'POST', '/documents/plan/undo', {});
      assert.equal(undone['undone'], [4], 'their own edit');
      assert.is((await world.call('POST', '/documents/plan/undo', await tokenOf('mallory'), {})).status, 409);
      const bob = await world.join('plan', 'bob');
      assert.is(bob.text, 'before ', 'what was there stays');
      page.getText('content').insert(7, 'more than mallory');
      bob.send(updateFrame(Y.encodeStateAsUpdate(page)));
      assert.is((await bob.closing()).code, 4409);
    }),
  ));

test('a viewer takes no client id, and a client id that somebody wrote with before a merge stays theirs', () =>
  migrated(async ({ page, import: importAgain, serve }) => {
    await serve(async (world) => {
      await world.as('migration', 'POST', '/documents/plan/share', { userIds: ['victor'], role: 'viewer' });
      const victor = await world.join('plan', 'victor', { doc: copyOf(page) });
      victor.doc.clientID = page.clientID;
      victor.type('mine');
      await until(() => victor.denied === 1, 'a viewer is denied');
      const bob = await world.join('plan', 'bob', { doc: page });
      bob.type('bob ');
      await until(() => actorsOf(world).length === 1, 'the id was free, and is bob’s');
    });
    const offline = copyOf(page);
    offline.getText('content').insert(0, 'offline ');
    const offlineId = offline.clientID;
    Y.applyUpdate(page, Y.encodeStateAsUpdate(offline));
    page.getText('content').insert(0, 'and ');
    await importAgain('--existing', 'merge');
    await serve(async (world) => {
      assert.equal(actorsOf(world), ['bob', 'migration']);
      assert.is(await impersonate(world, page), 4409, 'bob’s');
      const carol = copyOf(page);
      await world.as('migration', 'POST', '/documents/plan/share', { userIds: ['carol'], role: 'editor' });
      const member = await world.join('plan', 'carol', { doc: carol });
      carol.clientID = offlineId;
      member.type('carol');
      await until(() => actorsOf(world).length === 3, 'an id that came with the merge is free');
      assert.is(actorsOf(world)[2], 'carol');
    });
  }));

test.run();
