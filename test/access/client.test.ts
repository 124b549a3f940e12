// The client's functions over an unmodified WebsocketProvider: locks, presence, and knowing when edits are on disk.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ControlError, controlOf, type StockProvider } from '../../src/client/control.js';
import { lock, peersOf, setStatus, setTyping, unlock, whenSaved } from '../../src/client/provider.js';
import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';
import { inWorld, tokenOf, type World } from './world.js';

/** The provider as a page has it: its own type fits the functions' without a cast in applications. */
const providerOf = (client: StockClient): StockProvider => client.provider as unknown as StockProvider;

const withClients = async (
  world: World,
  users: readonly string[],
  work: (clients: readonly StockClient[]) => Promise<void>,
): Promise<void> => {
  const tokens = await Promise.all(users.map((user) => tokenOf(user, { name: user.toUpperCase() })));
  const clients = users.map(
    (user, index) => new StockClient(world.wsUrl, 'plan', { user, params: { token: tokens[index] ?? '' } }),
  );
  try {
    for (const client of clients) await client.synced();
    await work(clients);
  } finally {
    for (const client of clients) client.close();
  }
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return error instanceof ControlError ? error.code : String(error);
  }
};

test('edits are on disk once whenSaved says so, and with a lock only after its release', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor', victor: 'viewer' });
    await withClients(world, ['alice', 'bob', 'victor'], async ([alice, bob, victor]) => {
      if (!alice || !bob || !victor) throw new Error('three came');
      alice.text.insert(0, 'saved ');
      await whenSaved(providerOf(alice));
      assert.is(world.rows('plan').filter(({ kind }) => kind === 'edit').length, 1);
      assert.is(await codeOf(whenSaved(providerOf(victor))), 'forbidden');

      const held = await lock(providerOf(alice), 60);
      assert.is(held.userId, 'alice');
      assert.is(await codeOf(lock(providerOf(bob))), 'locked');
      assert.is(await codeOf(lock(providerOf(victor))), 'forbidden');
      assert.is(await codeOf(controlOf(providerOf(bob)).request('dance')), 'bad-request');
      bob.text.insert(0, 'kept ');
      let saved = false;
      const saving = whenSaved(providerOf(bob)).then(() => {
        saved = true;
      });
      await controlOf(providerOf(bob)).request('hello');
      assert.not(saved);
      await unlock(providerOf(alice));
      await saving;
      assert.is(world.rows('plan').filter(({ kind, actor }) => kind === 'edit' && actor === 'bob').length, 1);
    });
  }));

test('peers are who the server says they are, with status and typing', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'editor' });
    await withClients(world, ['alice', 'bob'], async ([alice, bob]) => {
      if (!alice || !bob) throw new Error('two came');
      bob.provider.awareness.setLocalStateField('user', { name: 'Alice', id: 'alice', color: '#f00' });
      setTyping(providerOf(bob), true);
      setStatus(providerOf(bob), 'away');
      await until(() => peersOf(providerOf(alice))[0]?.status === 'away', 'bob is seen');
      assert.equal(peersOf(providerOf(alice)), [
        {
          clientId: bob.doc.clientID,
          userId: 'bob',
          name: 'BOB',
          color: '#f00',
          status: 'away',
          typing: true,
          cursor: null,
        },
      ]);
    });
  }));

test('a request without a connection waits for one; one that was under way when it was lost is rejected', () =>
  inWorld(async (world) => {
    await world.document('plan');
    await withClients(world, ['alice'], async ([alice]) => {
      if (!alice) throw new Error('one came');
      const under = codeOf(controlOf(providerOf(alice)).request('hello'));
      alice.provider.disconnect();
      assert.is(await under, 'disconnected');
      const waiting = controlOf(providerOf(alice)).request('hello');
      alice.provider.connect();
      assert.is((await waiting)['actor'], 'alice');
    });
  }));

test.run();
