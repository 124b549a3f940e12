// kill -9 under a flight that changes every 10 ms: what anybody was told must be there after the restart, in the active list, on the map and
// in the history alike, and the same flights must be asked about as before.

import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { startVendor } from '../flights/vendor-server.js';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { ServerProcess } from '../support/server-process.js';
import { StockClient } from '../support/stock-client.js';

type Fields = Readonly<Record<string, unknown>>;

export interface FlightKillReport {
  readonly kills: number;
  /** Changes answered, and requests to the source after restarts. */
  readonly changes: number;
  readonly polls: number;
}

const minuteMs = 60_000;
const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * minuteMs).toISOString();

const gateOf = (record: Fields | undefined): number => Number(String(record?.['gate']).slice(1)) || 0;
const boardOf = ({ doc }: StockClient) => doc.getMap('flights').toJSON() as Record<string, Fields>;

export const killUnderFlights = async (kills: number): Promise<FlightKillReport> => {
  const vendor = await startVendor();
  vendor.reply = () => ({ body: { flights: [] } });
  const env = { AEROAPI_KEY: 'key', AEROAPI_URL: vendor.url, FLIGHT_POLL_SECONDS: '1' };
  const server = await ServerProcess.start({ env });
  const rest = new Rest(server.url, 'admin');
  const read = (path: string): Promise<Fields> => rest.json<Fields>(path);
  const asked = (): readonly string[] => vendor.asked.map(({ url }) => url.slice('/flights/'.length, url.indexOf('?')));
  // So close to its departure a flight is asked about every second.
  const leg = {
    departureCity: 'Atlanta',
    arrivalCity: 'Los Angeles',
    scheduledDeparture: inMinutes(50),
    scheduledArrival: inMinutes(300),
  };
  /** Changes that were answered: each must be in the history for ever. */
  const answered = new Set<number>();
  let sent = 0;
  let polls = 0;
  try {
    for (const [flightId, flightNumber, source] of [
      ['FL-001', 'DL1', 'push'],
      ['FL-002', 'DL2', 'aeroapi'],
      ['FL-003', 'DL3', 'aeroapi'],
      ['FL-004', 'DL4', 'aeroapi'],
    ])
      await rest.call('POST', '/flights/track', { ...leg, flightId, flightNumber, source });
    await rest.call('POST', '/flights/FL-003/stop');
    const alice = await new StockClient(server.wsUrl, 'plan', { user: 'alice' }).synced();
    for (let kill = 0; kill < kills; kill += 1) {
      let running = true;
      const load = (async () => {
        while (running) {
          sent += 1;
          const mine = sent;
          rest
            .call('PATCH', '/flights/FL-001', { gate: `G${mine}` })
            .then(({ status }) => {
              if (status === 200) answered.add(mine);
            })
            .catch(() => undefined);
          await pause(10);
        }
      })();
      const from = answered.size;
      await until(() => answered.size > from + 5 + (kill % 7), 'changes are answered');
      await server.kill9();
      running = false;
      await load;
      const seen = gateOf(boardOf(alice)['FL-001']);
      vendor.asked.length = 0;
      await server.restart();

      const now = await read('/flights/FL-001');
      const { flights } = (await read('/flights/active')) as { readonly flights: readonly Fields[] };
      assert.equal(
        flights.map(({ flightId }) => flightId),
        ['FL-001', 'FL-002', 'FL-004'],
      );
      assert.equal(flights[0], now);
      await until(
        () => alice.provider.synced && gateOf(boardOf(alice)['FL-001']) === gateOf(now),
        'the map of who was there follows',
      );
      const fresh = await new StockClient(server.wsUrl, 'other', { user: 'bob' }).synced();
      for (const client of [alice, fresh]) assert.equal(boardOf(client)['FL-001'], now);
      fresh.close();
      const updates: Fields[] = [];
      for (let next: unknown = ''; next !== null; ) {
        const page = await read(`/flights/FL-001/history?limit=1000${next === '' ? '' : `&next=${String(next)}`}`);
        updates.push(...(page['updates'] as readonly Fields[]));
        next = page['next'];
      }
      assert.equal(updates.at(-1)?.['flight'], now);
      const logged = new Set(updates.map(({ flight }) => gateOf(flight as Fields)));
      for (const change of [...answered, seen])
        assert.ok(logged.has(change), `G${change} was answered or seen, and is not in the history`);
      const askedTwice = (designator: string): boolean => asked().filter((each) => each === designator).length >= 2;
      await until(() => askedTwice('DL2') && askedTwice('DL4'), 'the pollers are back');
      assert.not.ok(asked().includes('DL3'), 'a stopped flight is not asked about');
      polls += asked().length;
    }
    alice.close();
    return { kills, changes: answered.size, polls };
  } finally {
    await server.dispose();
    await vendor.close();
  }
};
