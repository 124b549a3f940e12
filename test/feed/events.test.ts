// The change feed as a person reads it (docs/events.md): in order, resumable, and nothing that is not theirs.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inWorld, tokenOf } from '../access/world.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { seedOr } from '../support/random.js';
import { Rest } from '../support/rest.js';
import { run as kills } from './kills.js';
import { page, pages, type SeenChange, StreamReader } from './reader.js';

/** A flight that nobody is asked about: it changes when somebody says so. */
const flight = {
  flightId: 'FL-1',
  flightNumber: 'CT101',
  source: 'push',

  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  scheduledDeparture: '2026-11-22T10:00:00Z',
  scheduledArrival: '2099-11-22T18:00:00Z',
};

const told = (events: readonly SeenChange[]): readonly string[] =>
  events.map(({ type, subject, kind }) => `${type} ${subject} ${kind}`);

test('a person follows their documents, all flights and their own inbox, in the order of the log', () =>
  inWorld(async (world) => {
    const alice = await tokenOf('alice', { name: 'Alice' });
    const admin = await tokenOf('ada', { roles: ['admin'] });
    await world.call('GET', '/notifications/alice', alice);
    await world.document('plan', { bob: 'editor' });
    await world.as('bob', 'POST', '/documents/plan/edits', { path: ['content'], action: 'insert', value: 'hi' });
    await world.as('bob', 'POST', '/documents/create', { id: 'secret' });
    await world.call('POST', '/flights/track', admin, flight);
    const alert = { type: 'alert', title: 'Look', data: { urgency: 'low', message: 'there' } };
    await world.call('POST', '/notifications/send', admin, { userId: 'alice', ...alert });
    await world.call('POST', '/notifications/send', admin, { userId: 'bob', ...alert });
    const all = await world.call('POST', '/notifications/broadcast', admin, { audience: 'all', ...alert });
    assert.is(all.status, 202, JSON.stringify(all.body));

    const seen = await pages(world, alice);
    assert.equal(told(seen), [
      'document plan created',
      'document plan shared',
      'document plan edit',
      'flight FL-1 tracked',
      'notification alice notified',
      'notification alice notified',
    ]);
    const ids = seen.map(({ id }) => id);
    assert.equal(
      ids,
      [...ids].sort((one, other) => one - other),
    );
    assert.equal(seen[1]?.data, { userId: 'bob', role: 'editor' });
    assert.ok((seen[2]?.bytes ?? 0) > 0);
    const notification = seen[4]?.data?.['notification'] as Record<string, unknown> | undefined;
    assert.equal([notification?.['title'], notification?.['readAt']], ['Look', null]);

    assert.equal(told(await pages(world, alice, ids[3])), told(seen.slice(4)));
    const shared = await page(world, alice, '?kind=shared,edit');
    assert.equal(told(shared.events), ['document plan shared', 'document plan edit']);
    assert.equal(told((await page(world, admin, '?kind=broadcast')).events), [
      `broadcast ${all.body['broadcastId']} broadcast`,
    ]);
  }));

test('mallory gets nothing that is not hers, by page or by stream, whatever is said around her', () =>
  inWorld(async (world) => {
    const mallory = await tokenOf('mallory');
    const admin = await tokenOf('ada', { roles: ['admin'] });
    const stream = new StreamReader(world.url, mallory, 0);
    try {
      await until(() => stream.opened > 0, 'the stream is open');
      await world.as('alice', 'POST', '/documents/create', { id: 'canary-document', title: 'canary-title' });
      await world.as('alice', 'PATCH', '/documents/canary-document', { title: 'canary-again' });
      await world.as('alice', 'POST', '/documents/canary-document/share', { userIds: ['canary-bob'], role: 'editor' });
      await world.as('canary-bob', 'POST', '/documents/canary-document/versions', { name: 'canary-version' });
      await world.as('alice', 'PUT', '/documents/canary-document/lock', { ttlSeconds: 5 });
      await world.as('canary-bob', 'PUT', '/notifications/canary-bob/preferences', {});
      const alert = { type: 'alert', title: 'canary-notice', data: { urgency: 'low', message: 'canary-message' } };
      await world.call('POST', '/notifications/send', admin, { userId: 'alice', ...alert });
      const list = await world.call('POST', '/notifications/broadcast', admin, { userIds: ['alice', 'bob'], ...alert });
      await world.call('DELETE', `/notifications/broadcasts/${list.body['broadcastId']}`, admin);
      await world.call('POST', '/flights/track', admin, { ...flight, watchers: ['canary-watcher'] });
      await world.as('alice', 'DELETE', '/documents/canary-document');
      await world.as('mallory', 'POST', '/documents/create', { id: 'hers' });

      await until(() => stream.seen.some(({ subject }) => subject === 'hers'), 'she hears of her own');
      const read = await pages(world, mallory);
      assert.equal(told(read), ['flight FL-1 tracked', 'document hers created']);
      assert.equal(told(stream.seen), told(read));
      assert.not.match(JSON.stringify(read) + stream.text, /canary/);
      const guesses = ['?kind=notified', '?after=1', `?after=${(await page(world, admin)).head - 1}`];
      for (const guess of guesses) assert.not.match(JSON.stringify(await page(world, mallory, guess)), /canary/);
      assert.is((await world.call('GET', '/events', null)).status, 401);
      assert.is((await world.call('GET', '/events', `${mallory}x`)).status, 401);
    } finally {
      stream.close();
    }
  }));

test('who loses their role hears nothing more at once, not even of what was before; who gains one, from then on', () =>
  inWorld(async (world) => {
    await world.document('plan', { bob: 'viewer' });
    const bob = await tokenOf('bob');
    const stream = new StreamReader(world.url, bob, 0);
    const edit = (value: string) =>
      world.as('alice', 'POST', '/documents/plan/edits', { path: ['content'], action: 'insert', value });
    try {
      await edit('one');
      await until(() => stream.seen.length === 3, 'bob hears of the edit');
      await world.as('alice', 'DELETE', '/documents/plan/collaborators/bob');
      await edit('two');
      await world.as('bob', 'POST', '/documents/create', { id: 'his' });
      await until(() => stream.seen.some(({ subject }) => subject === 'his'), 'the stream goes on');
      assert.equal(told(stream.seen.slice(3)), ['document his created']);
      assert.equal(told(await pages(world, bob)), ['document his created']);

      await world.as('alice', 'POST', '/documents/plan/share', { userIds: ['bob'], role: 'viewer' });
      await edit('three');
      await until(() => stream.seen.length === 6, 'bob hears of plan again');
      assert.equal(told(stream.seen.slice(4)), ['document plan shared', 'document plan edit']);
      await world.as('alice', 'DELETE', '/documents/plan');
      await until(() => stream.seen.length === 7, 'bob hears of its end');
      assert.equal(told(stream.seen.slice(6)), ['document plan deleted']);
      assert.equal(told(await pages(world, bob)), ['document his created', 'document plan deleted']);
    } finally {
      stream.close();
    }
  }));

test('claims of a token win over stored roles in the feed too', () =>
  inWorld(async (world) => {
    await world.document('plan');
    const guest = await tokenOf('gina', { documents: { plan: 'viewer' } });
    assert.equal(told(await pages(world, guest)), ['document plan created']);
    assert.equal(await pages(world, await tokenOf('gina')), []);
  }));

test('a recalled broadcast is gone from the feed, and its people are told', () =>
  inWorld(async (world) => {
    const admin = await tokenOf('ada', { roles: ['admin'] });
    const alice = await tokenOf('alice');
    await world.call('GET', '/notifications/alice', alice);
    const alert = { type: 'alert', title: 'Wrong', data: { urgency: 'low', message: 'sent by mistake' } };
    for (const to of [{ audience: 'all' }, { userIds: ['alice'] }]) {
      const sent = await world.call('POST', '/notifications/broadcast', admin, { ...to, ...alert });
      await until(async () => JSON.stringify(await pages(world, alice)).includes('mistake'), 'alice hears of it');
      await world.call('DELETE', `/notifications/broadcasts/${sent.body['broadcastId']}`, admin);
      const after = await pages(world, alice);
      assert.not.match(JSON.stringify(after), /mistake/);
      assert.is(after.at(-1)?.kind, 'recalled');
      assert.equal(after.at(-1)?.data, { broadcastId: sent.body['broadcastId'] });
    }
    assert.equal(await pages(world, await tokenOf('mallory')), []);
  }));

test('a stream ends when its token does, and more streams than are allowed are refused', () =>
  inWorld(async (world) => {
    const short = await tokenOf('bob', { exp: Math.floor(Date.now() / 1000) + 1 });
    const answer = await fetch(`${world.url}/api/realtime/events`, {
      headers: { authorization: `Bearer ${short}`, accept: 'text/event-stream' },
    });
    assert.is(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.match(await answer.text(), /^retry: \d+\nid: 0\n\n/); // it ends

    const token = await tokenOf('alice');
    const readers = Array.from({ length: 20 }, () => new StreamReader(world.url, token, 'now'));
    try {
      await until(() => readers.every(({ opened }) => opened > 0), 'twenty are open');
      const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
      const refused = await fetch(`${world.url}/api/realtime/events`, { headers });
      assert.is(refused.status, 429);
      readers[0]?.close();
      await until(async () => {
        const again = await fetch(`${world.url}/api/realtime/events`, { headers });
        await again.body?.cancel();
        return again.status === 200;
      }, 'a place is free again');
    } finally {
      for (const reader of readers) reader.close();
    }
  }));

test('what cannot be a place is refused with a word, and a log that went back is told', () =>
  inWorld(async (world) => {
    await world.document('plan');
    const token = await tokenOf('alice');
    const status = async (query: string) => (await world.call('GET', `/events${query}`, token)).status;
    for (const query of [
      '?after=-1',
      '?after=x',
      '?after=1.5',
      '?limit=0',
      '?limit=1001',
      '?kind=gossip',
      '?whom=bob',
      '?next=x',
    ])
      assert.is(await status(query), 400, query);
    const ahead = await world.call('GET', '/events?after=999', token);
    assert.equal([ahead.status, ahead.body['code'], typeof ahead.body['head']], [409, 'conflict', 'number']);
    const { events, next } = await page(world, token, '?after=now');
    assert.equal([events, next], [[], null]);
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': 'x' };
    assert.is((await fetch(`${world.url}/api/realtime/events`, { headers })).status, 400);
  }));

test('a stock EventSource goes through restarts of the server and misses nothing', () =>
  withLocalServer(async (local) => {
    const rest = () => new Rest(local.url, 'alice');
    await rest().call('POST', '/documents/create', { id: 'plan' });
    const edit = () =>
      rest().call('POST', '/documents/plan/edits', { path: ['content'], action: 'insert', value: 'x' });
    const reader = new StreamReader(local.url, 'none', null);
    try {
      for (let round = 1; round <= 2; round += 1) {
        await edit();
        await until(() => reader.seen.length === 2 * round, 'it comes');
        await local.whileStopped(async () => undefined);
        await edit();
      }
      await until(() => reader.seen.length === 5, 'the last comes');
      assert.equal(
        reader.seen.map(({ seq }) => seq),
        [1, 2, 3, 4, 5],
      );
      assert.ok(reader.errors >= 2);
    } finally {
      reader.close();
    }
  }));

test('readers killed again and again under load miss nothing and meet nothing out of order', () =>
  inWorld(async (world) => {
    const seed = seedOr(20_261_125);
    const report = await kills(world, 8, { seed, perSecond: 300 });
    console.log(`  SEED=${seed} ${JSON.stringify(report)}`);
    assert.equal(report.faults, []);
    assert.ok(report.events > 100);
  }));

test.run();
