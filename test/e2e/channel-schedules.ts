// Random schedules with stock providers over real sockets: clients go offline and come back, from memory or from a kept copy of their Y.Doc,
// the server restarts, and flights change meanwhile. In the end each client's boards are the server's.

import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { LocalServer } from '../support/local-server.js';
import { type Dice, dice } from '../support/random.js';
import { Rest } from '../support/rest.js';
import { StockClient } from '../support/stock-client.js';

const users = ['alice', 'bob', 'carol'] as const;
const boards = ['main', 'tour'] as const;
const steps = 14;

export interface StockReport {
  readonly schedules: number;
  readonly steps: Readonly<Record<string, number>>;
}

const rootOf = (board: string): string => (board === 'main' ? 'flights' : `flights:${board}`);

class Schedule {
  readonly #dice: Dice;
  readonly #server: LocalServer;
  readonly #rest: Rest;
  readonly #document: string;
  readonly #count: (what: string) => void;
  readonly #clients: (StockClient | null)[] = users.map(() => null);
  readonly #docs = users.map(() => new Y.Doc());
  #flights = 0;

  constructor(server: LocalServer, index: number, dices: Dice, count: (what: string) => void) {
    this.#server = server;
    this.#rest = new Rest(server.url, 'admin');
    this.#document = `schedule/${index}`;
    this.#dice = dices;
    this.#count = count;
  }

  async run(): Promise<void> {
    try {
      for (let step = 0; step < steps; step += 1) await this.#step();
      await this.#check();
    } finally {
      for (const client of this.#clients) client?.close();
    }
  }

  async #step(): Promise<void> {
    const { below, chance } = this.#dice;
    const who = below(users.length);
    const kind = below(20);
    if (kind < 8) return this.#change();
    if (kind < 11) {
      this.#count('edit');
      const text = this.#docs[who]?.getText('content');
      text?.insert(below(text.length + 1), 'x');
      return;
    }
    if (kind < 17) {
      const client = this.#clients[who];
      if (!client) return this.#connect(who);
      this.#count('offline');
      client.provider.disconnect();
      if (chance(0.6)) return;
      this.#count('persist');
      const kept = Y.encodeStateAsUpdate(client.doc);
      client.close();
      this.#clients[who] = null;
      const doc = new Y.Doc();
      Y.applyUpdate(doc, kept);
      this.#docs[who] = doc;
      return;
    }
    if (kind === 17) return this.#check();
    if (chance(0.7)) {
      this.#count('restart');
      return this.#server.restart();
    }
  }

  async #connect(who: number): Promise<void> {
    this.#count('connect');
    const doc = this.#docs[who];
    const user = users[who] ?? 'alice';
    const client = new StockClient(this.#server.wsUrl, this.#document, {
      user,
      ...(doc ? { doc } : {}),
      params: { channels: 'flights,flights:tour,notifications' },
    });
    this.#clients[who] = client;
    if (this.#dice.chance(0.5)) await client.synced();
  }

  async #change(): Promise<void> {
    const { below, chance, pick } = this.#dice;
    this.#count('change');
    const active = await this.#active();
    if (active.length < 3 || chance(0.2)) {
      this.#flights += 1;
      const day = String(1 + below(28)).padStart(2, '0');
      const body = {
        flightId: `${this.#document.replace('/', '-')}-${this.#flights}`,
        flightNumber: `DL${1000 + below(9000)}`,
        departureCity: 'Atlanta',
        arrivalCity: 'Los Angeles',
        scheduledDeparture: `2027-01-${day}T10:00:00Z`,
        scheduledArrival: `2027-01-${day}T14:00:00Z`,
        source: 'push',
        ...(chance(0.5) ? { boards: ['tour'] } : {}),
      };
      const answer = await this.#rest.call('POST', '/flights/track', body);
      assert.ok(answer.status < 300 || answer.status === 409, Buffer.from(answer.bytes).toString());
      return;
    }
    const path = `/flights/${pick(active).flightId}`;
    const answer = chance(0.2)
      ? await this.#rest.call('POST', `${path}/stop`)
      : await this.#rest.call('PATCH', path, { gate: `G${below(1_000)}`, ...(chance(0.3) ? { terminal: null } : {}) });
    assert.ok(answer.status < 300, `${answer.status} ${Buffer.from(answer.bytes)}`);
  }

  async #active(): Promise<readonly { readonly flightId: string }[]> {
    const { flights } = await this.#rest.json<{ flights: { flightId: string }[] }>('/flights/active?limit=1000');
    return flights;
  }

  /** Everybody is online and has what the server has. Without lingering a board shows what is active. */
  async #check(): Promise<void> {
    this.#count('check');
    for (const [who, client] of this.#clients.entries()) {
      if (!client) await this.#connect(who);
      else client.provider.connect();
    }
    const flights = await this.#active();
    const expected = Object.fromEntries(flights.map((flight) => [flight.flightId, flight]));
    const reference = await new StockClient(this.#server.wsUrl, this.#document, {
      user: 'dave',
      params: { channels: 'flights,flights:tour' },
    }).synced();
    try {
      const seen = (client: StockClient | null): string =>
        JSON.stringify(boards.map((board) => shown(client?.doc, board)));
      await until(
        () => this.#clients.every((client) => client?.provider.synced && seen(client) === seen(reference)),
        `all see ${seen(reference)}`,
      ).catch((error: unknown) => {
        for (const client of this.#clients) console.error(seen(client), client?.closes, client?.provider.synced);
        throw error;
      });
      const board = reference.doc.getMap('flights').toJSON();
      assert.equal(board, expected);
      for (const [id, entry] of Object.entries(reference.doc.getMap('flights:tour').toJSON()))
        assert.equal(entry, expected[id]);
      await until(
        () => this.#clients.every((client) => client?.text.toString() === reference.text.toString()),
        'one text',
      );
      for (const client of this.#clients) assert.ok(client?.closes.every((code) => code < 4000));
    } finally {
      reference.close();
    }
  }
}

/** A board with its entries and fields in order, so that it can be compared as text. */
const shown = (doc: Y.Doc | undefined, board: string): unknown =>
  Object.entries((doc?.getMap(rootOf(board)).toJSON() ?? {}) as Record<string, object>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, entry]) => [id, Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))]);

export const runStockSchedules = async (schedules: number, seed: number): Promise<StockReport> => {
  const total: Record<string, number> = {};
  const count = (what: string): void => {
    total[what] = (total[what] ?? 0) + 1;
  };
  const server = await LocalServer.start({ flightLingerMinutes: 0 });
  try {
    for (let index = 0; index < schedules; index += 1) {
      try {
        await new Schedule(server, index, dice(seed + index), count).run();
      } catch (error) {
        console.error(`schedule ${index}, seed ${seed}`);
        throw error;
      }
    }
  } finally {
    await server.dispose();
  }
  return { schedules, steps: total };
};
