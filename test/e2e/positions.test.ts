// The channel `positions`: where aircraft are, from a local server that answers as OpenSky does, in the awareness of stock clients.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { positionClientOf } from '../../src/crdt/position-channel.js';
import { startVendor } from '../flights/vendor-server.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { documentRows } from '../support/log-rows.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const vector = (icao24: string, longitude: number) => [
  ...[icao24, 'DLH9LF  ', 'Germany', 1795154390, 1795154399, longitude, 50.2, 9639, false, 232, 98, 4.5],
  ...[null, 9547, '1000', false, 0],
];

test('who asked for positions sees aircraft move among those present, others do not, and nothing of it is kept', async () => {
  const vendor = await startVendor();
  let longitude = 6;
  vendor.reply = (path) =>
    path === '/token'
      ? { body: { access_token: 'tok', expires_in: 1800 } }
      : { body: { time: 1795154400, states: [vector('3c6444', longitude)] } };
  await withLocalServer(
    async (server) => {
      const rest = new Rest(server.url, 'admin');
      await rest.call('POST', '/flights/track', {
        flightId: 'FL-001',
        flightNumber: 'LH400',
        departureCity: 'Frankfurt',
        arrivalCity: 'New York',
        scheduledDeparture: '2026-11-22T10:00:00Z',
        scheduledArrival: '2099-11-22T18:00:00Z',
        aircraft: '3c6444',
        source: 'push',
      });
      await rest.call('POST', '/flights/FL-001/updates', { phase: 'departed' });
      const open = (user: string, channels: string) =>
        new StockClient(server.wsUrl, 'plan', { user, params: { channels } }).synced();
      const bob = await open('bob', 'flights');
      assert.is(vendor.asked.length, 0, 'nobody wants positions yet');
      const alice = await open('alice', 'flights,positions');
      const client = positionClientOf('FL-001');
      assert.ok(client >= 2 ** 32 && Number.isSafeInteger(client));
      type Seen = { position?: Record<string, unknown> } | undefined;
      const seen = (by: StockClient): Seen => by.provider.awareness.getStates().get(client) as Seen;
      try {
        await until(() => seen(alice)?.position?.['longitude'] === 6, 'a position arrives');
        assert.is(seen(alice)?.position?.['flightId'], 'FL-001');
        longitude = 7;
        const carol = await open('carol', 'positions');
        await until(() => seen(carol)?.position?.['longitude'] === 6, 'who joins later is told what is known');
        await until(() => seen(alice)?.position?.['longitude'] === 7, 'it moves', 20_000);
        assert.is(seen(bob), undefined);
        // The stock client sends back whatever it hears; nobody may speak for an aircraft.
        assert.equal([alice.closes, bob.closes, carol.closes], [[], [], []]);
        const present = await rest.json<Record<string, unknown>>('/documents/plan/cursors');
        assert.not.match(JSON.stringify(present), 'longitude');
        carol.close();
      } finally {
        for (const each of [alice, bob]) each.close();
      }
      for (const { payload } of documentRows(server.dataDir, 'plan'))
        assert.not.match(Buffer.from(payload ?? []).toString('latin1'), 'longitude');
      assert.not.match(await rest.text('/flights/FL-001/history'), 'longitude');
    },
    {
      openSkyClientId: 'contrail',
      openSkyClientSecret: 'hush',
      openSkyUrl: `${vendor.url}/api`,
      openSkyTokenUrl: `${vendor.url}/token`,
    },
  ).finally(() => vendor.close());
});

test.run();
