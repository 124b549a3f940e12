// Flights in a stock client's own Y.Doc: what comes, what does not, and what REST says of the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { observeFlights } from '../../src/client/flights.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { documentRows, replayRows } from '../support/log-rows.js';
import { RawClient } from '../support/raw-client.js';
import { Rest } from '../support/rest.js';
import { chooseSeed } from '../support/seed.js';
import { StockClient, stockVersions } from '../support/stock-client.js';
import { runStockSchedules } from './channel-schedules.js';
import { killUnderFlights } from './flight-kills.js';

type Board = Record<string, Record<string, unknown>>;
const boardOf = ({ doc }: { readonly doc: Y.Doc }, root = 'flights'): Board => doc.getMap(root).toJSON() as Board;

const leg = {
  flightNumber: 'DL123',
  departureCity: 'Atlanta',
  arrivalCity: 'Los Angeles',
  departureAirport: 'ATL',
  arrivalAirport: 'LAX',
  scheduledDeparture: '2027-01-10T10:00:00Z',
  scheduledArrival: '2027-01-10T14:30:00Z',
  source: 'push',
};

const body = async (rest: Rest, method: string, path: string, given?: unknown) => {
  const answer = await rest.call(method, path, given);
  const text = Buffer.from(answer.bytes).toString();
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as Record<string, unknown> };
};

test('a stock provider of any version without parameters sees the tracked flights, live, beside its own types', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    assert.is((await body(rest, 'POST', '/flights/track', { ...leg, flightId: 'FL-001' })).status, 201);
    const clients = await Promise.all(
      stockVersions.map((version) => new StockClient(server.wsUrl, 'plan', { user: 'alice', version }).synced()),
    );
    try {
      for (const client of clients) assert.is(boardOf(client)['FL-001']?.['status'], 'on-time');
      const [first] = clients;
      if (!first) throw new Error('no client');
      const seen: unknown[] = [];
      observeFlights(first.doc, (changes) =>
        seen.push(...changes.map((change) => ('fields' in change ? change.fields : change.kind))),
      );
      first.text.insert(0, 'hello');
      first.doc.getMap('settings').set('colour', 'red');
      await body(rest, 'PATCH', '/flights/FL-001', { gate: 'B12' });
      await until(() => clients.every((client) => boardOf(client)['FL-001']?.['gate'] === 'B12'), 'the gate arrives');
      await until(() => clients.every((client) => client.text.toString() === 'hello'), 'the text arrives');
      const { 'FL-001': shown } = boardOf(first);
      assert.equal(shown, (await body(rest, 'GET', '/flights/FL-001')).body);
      assert.equal(seen, [['gate', 'overrides']]);
      for (const client of clients) assert.equal(client.closes, []);
    } finally {
      for (const client of clients) client.close();
    }

    // Nothing of it is in the document, nowhere.
    const rows = documentRows(server.dataDir, 'plan');
    assert.equal([...replayRows(rows).share.keys()].sort(), ['content', 'settings']);
    for (const { payload } of rows) assert.not.match(Buffer.from(payload ?? []).toString('latin1'), 'FL-001');
    for (const path of ['?content=json', '/at?seq=100000&as=json', `/at?seq=${rows.length}&as=json`, '/history']) {
      const answer = await rest.call('GET', `/documents/plan${path}`);
      assert.not.match(Buffer.from(answer.bytes).toString(), /FL-001|flights/);
    }
    const update = (await rest.call('GET', `/documents/plan/at?seq=${rows.length}&as=update`)).bytes;
    const past = new Y.Doc();
    Y.applyUpdate(past, update);
    assert.equal([...past.share.keys()].sort(), ['content', 'settings']);
  }));

test('channels narrow what comes: one flight, three roots on one socket, or nothing', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    for (const [flightId, flightNumber] of [
      ['FL-001', 'DL1'],
      ['FL-002', 'DL2'],
      ['FL-003', 'DL3'],
    ])
      await body(rest, 'POST', '/flights/track', {
        ...leg,
        flightId,
        flightNumber,
        boards: flightId === 'FL-002' ? ['tour-7'] : [],
      });
    const open = (channels: string) =>
      new StockClient(server.wsUrl, 'plan', { user: 'bob', params: { channels } }).synced();
    const [one, three, none] = await Promise.all([
      open('flights:FL-001'),
      open('flights,flights:tour-7'),
      open('none'),
    ]);
    try {
      three.text.insert(0, 'content');
      await until(() => none.text.toString() === 'content', 'the text arrives');
      const keys = (client: StockClient, root: string): string => Object.keys(boardOf(client, root)).sort().join();
      assert.is(keys(one, 'flights:FL-001'), 'FL-001');
      assert.is(keys(one, 'flights'), '');
      assert.is(keys(three, 'flights'), 'FL-001,FL-002,FL-003');
      assert.is(keys(three, 'flights:tour-7'), 'FL-002');
      assert.equal(
        [...none.doc.share.keys()].sort(),
        ['content', 'flights', 'flights:FL-001', 'flights:tour-7'].filter((root) => none.doc.share.has(root)),
      );
      await body(rest, 'PATCH', '/flights/FL-001', { gate: 'C3' });
      await until(() => boardOf(one, 'flights:FL-001')['FL-001']?.['gate'] === 'C3', 'its change arrives');
      await body(rest, 'PATCH', '/flights/FL-002', { gate: 'C4' });
      await until(() => boardOf(three, 'flights:tour-7')['FL-002']?.['gate'] === 'C4', 'on its board too');
      await until(() => boardOf(three)['FL-002']?.['gate'] === 'C4', 'and on the main one');
      assert.is(keys(none, 'flights'), '');
      assert.is(keys(one, 'flights:FL-001'), 'FL-001');
      const refused = new StockClient(server.wsUrl, 'plan', { user: 'bob', params: { channels: 'weather' } });
      await until(() => refused.closes.length > 0, 'closed');
      assert.equal(refused.closes, [4400]);
      refused.close();
    } finally {
      for (const client of [one, three, none]) client.close();
    }
  }));

test('subscribe and unsubscribe by control message', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    await body(rest, 'POST', '/flights/track', { ...leg, flightId: 'FL-001' });
    const raw = await new RawClient(server.wsUrl, 'plan', { user: 'bob', params: { channels: 'none' } }).sync();
    const ask = (id: number, what: string, channel: string) =>
      raw.request({ id, do: what, channel } as { id: number; do: string });
    try {
      assert.equal(await ask(1, 'subscribe', 'flights:FL-001'), { channels: ['flights:FL-001'] });
      await until(() => 'FL-001' in boardOf(raw, 'flights:FL-001'), 'the flight arrives');
      assert.equal(await ask(2, 'unsubscribe', 'flights:FL-001'), { channels: [] });
      await body(rest, 'PATCH', '/flights/FL-001', { gate: 'C3' });
      assert.equal(await ask(3, 'subscribe', 'flights'), { channels: ['flights'] });
      await until(() => boardOf(raw)['FL-001']?.['gate'] === 'C3', 'the main board arrives');
      assert.is(boardOf(raw, 'flights:FL-001')['FL-001']?.['gate'], undefined);
      const refused = await ask(4, 'subscribe', 'weather').then(
        () => '',
        (error: Error) => error.message,
      );
      assert.match(refused, 'bad-request');
    } finally {
      raw.destroy();
    }
  }));

test('mallory, a stock client that writes flights, is told to stop for good; nobody else sees any of it', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    await body(rest, 'POST', '/flights/track', { ...leg, flightId: 'FL-001' });
    const alice = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
    alice.text.insert(0, 'honest');
    const truth = boardOf(alice);
    const attacks: readonly ((doc: Y.Doc) => void)[] = [
      (doc) => doc.getMap<Y.Map<unknown>>('flights').get('FL-001')?.set('status', 'cancelled'),
      (doc) => doc.getMap('flights').delete('FL-001'),
      (doc) => doc.getMap<Y.Map<unknown>>('flights').get('FL-001')?.set('nested', new Y.Text('x')),
      (doc) => doc.getMap('flights').set('FL-666', 'x'),
    ];
    try {
      for (const [index, attack] of attacks.entries()) {
        for (const offline of [false, true]) {
          const mallory = await new StockClient(server.wsUrl, 'plan', { user: 'mallory' }).synced();
          await until(() => mallory.text.toString() === 'honest', 'mallory reads');
          if (offline) mallory.provider.disconnect();
          attack(mallory.doc);
          if (offline) mallory.provider.connect();
          await until(() => mallory.closes.includes(4403), `attack ${index} ${offline ? 'offline' : 'live'} is closed`);
          assert.not(mallory.provider.wsconnected);
          mallory.close();
          const fresh = await new StockClient(server.wsUrl, 'plan', { user: 'carol' }).synced();
          assert.equal([boardOf(alice), boardOf(fresh)], [truth, truth]);
          assert.is(fresh.text.toString(), 'honest');
          fresh.close();
        }
      }
      assert.equal(alice.closes, []);
    } finally {
      alice.close();
    }
  }));

test('a board that is written afresh under live providers never loses a flight, nor for who was away meanwhile', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    await body(rest, 'POST', '/flights/track', { ...leg, flightId: 'FL-001' });
    const clients = stockVersions.map((version) => new StockClient(server.wsUrl, 'plan', { user: 'bob', version }));
    const away = await new StockClient(server.wsUrl, 'plan', { user: 'carol' }).synced();
    try {
      for (const client of clients) await client.synced();
      away.provider.disconnect();
      away.text.insert(0, 'written offline');
      const [writer] = away.doc.getMap('flights')._map.values();
      const gone: string[] = [];
      for (const { doc } of clients)
        observeFlights(doc, (changes) => {
          for (const change of changes) if (change.kind === 'removed') gone.push(change.flightId);
        });
      const isRotated = () =>
        clients.every(({ doc }) => {
          const [entry] = doc.getMap('flights')._map.values();
          return entry !== undefined && entry.id.client > (writer?.id.client ?? 0);
        });
      // By turns, so that what is overwritten leaves pieces of its own.
      for (let change = 0; change < 1_500 && !isRotated(); change += 1)
        await body(rest, 'POST', '/flights/FL-001/updates', { gate: `A${change}`, terminal: `T${change}` });
      assert.ok(isRotated(), 'the board has another client id');
      await body(rest, 'PATCH', '/flights/FL-001', { gate: 'LAST' });
      away.provider.connect();
      const everybody = [...clients, away];
      await until(() => everybody.every((client) => boardOf(client)['FL-001']?.['gate'] === 'LAST'), 'all have it');
      await until(() => clients.every(({ text }) => text.toString() === 'written offline'), 'and the text');
      const { flights } = await rest.json<{ flights: Record<string, unknown>[] }>('/flights/active');
      for (const client of everybody) assert.equal(boardOf(client)['FL-001'], flights[0]);
      assert.equal(gone, []);
      assert.equal(
        everybody.flatMap(({ closes }) => closes.filter((code) => code >= 4400)),
        [],
      );
      assert.ok(Y.encodeStateAsUpdate(clients[0]?.doc ?? new Y.Doc()).length < 8_000, 'and the past is gone');
    } finally {
      for (const client of [...clients, away]) client.close();
    }
  }));

test('a large document written offline beside a board comes in, tombstones of the board and all', () =>
  withLocalServer(async (server) => {
    const rest = new Rest(server.url, 'admin');
    await body(rest, 'POST', '/flights/track', { ...leg, flightId: 'FL-001' });
    const alice = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
    try {
      for (const gate of ['A1', 'A2', 'A3']) await body(rest, 'PATCH', '/flights/FL-001', { gate });
      await until(() => boardOf(alice)['FL-001']?.['gate'] === 'A3', 'the board changes');
      alice.provider.disconnect();
      // Every character before the last one: none of them join, so the sync is too large to be judged by counting.
      for (let index = 0; index < 6_000; index += 1) alice.text.insert(0, String(index % 10));
      await body(rest, 'PATCH', '/flights/FL-001', { gate: 'A4' });
      alice.provider.connect();
      await alice.synced(20_000);
      const length = async (): Promise<number> => (await rest.documentText('plan'))?.length ?? 0;
      await until(async () => (await length()) === 6_000, 'the document is in', 20_000);
      await until(() => boardOf(alice)['FL-001']?.['gate'] === 'A4', 'the board is up to date');
      assert.ok(
        alice.closes.every((code) => code < 4000),
        alice.closes.join(),
      );
    } finally {
      alice.close();
    }
  }));

test('a simulated flight lives on the board by itself', () =>
  withLocalServer(
    async (server) => {
      const rest = new Rest(server.url, 'admin');
      const alice = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
      try {
        assert.equal((await body(rest, 'GET', '/flights/active')).body, { flights: [], count: 0, next: null });
        const { status, body: flight } = await body(rest, 'POST', '/flights/track', { flightNumber: 'DL123' });
        assert.is(status, 201);
        const id = String(flight['flightId']);
        const phases = new Set<unknown>();
        alice.doc.getMap('flights').observeDeep(() => phases.add(boardOf(alice)[id]?.['phase']));
        await until(() => phases.size >= 3, 'the flight goes on', 20_000);
        assert.is(boardOf(alice)[id]?.['source'], 'simulator');
      } finally {
        alice.close();
      }
    },
    { simulatorSpeed: 3600, flightPollSeconds: 1 },
  ));

test('whoever was away, with the server restarted or not, ends with the boards of the server', async () => {
  const report = await runStockSchedules(15, chooseSeed());
  console.log(`  ${JSON.stringify(report)}`);
  assert.ok((report.steps['check'] ?? 0) >= 15);
});

test('after kill -9 under changes every 10 ms the active list, the map, the history and the pollers agree', async () => {
  const report = await killUnderFlights(5);
  console.log(`  ${JSON.stringify(report)}`);
});

test.run();
