// Everything at once, by chance: stock providers that type, go offline and come back as the same tab, from a kept copy or as a new device;
// undo and redo by socket and REST, restores, locks, changed roles, REST edits, flights, notifications, channels; and kill -9. Now and then
// all come to rest, and what each client holds is compared with what the log says. No honest client may ever be refused for good.

import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { ControlError } from '../../src/client/control.js';
import { redo, undo } from '../../src/client/provider.js';
import { secret, tokenOf } from '../access/world.js';
import { dumpDocument } from '../crdt/document-dump.js';
import { contrailHere } from '../support/command-line.js';
import { until } from '../support/deadline.js';
import { type Dice, dice } from '../support/random.js';
import { allEditKinds, randomEdit } from '../support/random-edits.js';
import { generousLimits, ServerProcess } from '../support/server-process.js';
import { StockClient } from '../support/stock-client.js';

const people = ['olga', 'ed', 'eva'] as const;
type Person = (typeof people)[number];
const documents = ['soak/one', 'soak/two'] as const;
const stepsBetweenRests = 60;
/** Codes that a stock client comes back from by itself. */
const passing = (code: number): boolean => code < 4000;
const contentRoots = ['content', 'm', 'a', 'n', 'x'];

export interface SoakReport {
  readonly steps: Readonly<Record<string, number>>;
  /** Answers that were refusals, by code: what is expected of undo without a step, locks of others, roles. */
  readonly refused: Readonly<Record<string, number>>;
  readonly rests: number;
  readonly events: number;
}

interface Device {
  readonly person: Person;
  readonly document: string;
  readonly channels: string;
  client: StockClient;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

class Soak {
  readonly #server: ServerProcess;
  readonly #dice: Dice;
  readonly #tokens: ReadonlyMap<string, string>;
  readonly #devices: Device[] = [];
  readonly steps: Record<string, number> = {};
  readonly refused: Record<string, number> = {};
  rests = 0;
  #flights = 0;

  constructor(server: ServerProcess, tokens: ReadonlyMap<string, string>, dices: Dice) {
    this.#server = server;
    this.#tokens = tokens;
    this.#dice = dices;
  }

  async begin(): Promise<void> {
    for (const id of documents) {
      await this.#must('olga', 'POST', '/documents/create', { id, title: id });
      await this.#must('olga', 'POST', `${pathOf(id)}/share`, { userIds: ['ed', 'eva'], role: 'editor' });
    }
    for (const document of documents) {
      for (const person of people) {
        const channels = this.#dice.pick([
          'flights,notifications',
          'flights,flights:tour,notifications',
          'notifications',
        ]);
        this.#devices.push({ person, document, channels, client: this.#open(person, document, channels) });
      }
    }
  }

  close(): void {
    for (const { client } of this.#devices) client.close();
  }

  async run(steps: number): Promise<void> {
    for (let step = 1; step <= steps; step += 1) {
      await this.#step();
      if (step % stepsBetweenRests === 0 || step === steps) await this.#rest();
    }
  }

  #count(what: string): void {
    this.steps[what] = (this.steps[what] ?? 0) + 1;
  }

  async #step(): Promise<void> {
    const { below, chance, pick } = this.#dice;
    const device = pick(this.#devices);
    const { person, document, client } = device;
    const path = pathOf(document);
    const kind = below(100);
    if (kind < 45) {
      this.#count('edit');
      randomEdit(client.doc, person, this.#dice, allEditKinds);
    } else if (kind < 50) {
      this.#count('presence');
      client.provider.awareness.setLocalStateField('cursor', { at: below(99) });
    } else if (kind < 57) {
      this.#count('offline');
      client.provider.disconnect();
    } else if (kind < 66) {
      this.#count('online');
      client.provider.connect();
      if (chance(0.5)) await client.synced();
    } else if (kind < 69) this.#reload(device);
    else if (kind < 73) {
      this.#count('REST edit');
      await this.#may(person, 'POST', `${path}/edits`, { path: ['content'], action: 'insert', index: 0, value: 'r' });
    } else if (kind < 80) await this.#undo(device);
    else if (kind < 82) await this.#restore(device);
    else if (kind < 85) {
      this.#count('lock');
      if (chance(0.6)) await this.#may(person, 'PUT', `${path}/lock`, { ttlSeconds: 1 + below(3) });
      else await this.#may(person, 'DELETE', `${path}/lock`);
    } else if (kind < 88) {
      this.#count('role');
      await this.#must('olga', 'POST', `${path}/share`, { userIds: ['ed'], role: pick(['viewer', 'editor']) });
    } else if (kind < 93) await this.#flight();
    else if (kind < 97) await this.#notify();
    else if (kind < 98) {
      this.#count('rename');
      await this.#must('olga', 'PATCH', path, { title: `title ${below(99)}` });
    } else if (chance(0.5)) {
      this.#count('kill');
      await this.#server.kill9();
      await this.#server.restart();
    }
  }

  /** The same tab again from what it had kept, which has another client id; or a device that has nothing yet. */
  #reload(device: Device): void {
    const { person, document, channels, client } = device;
    const doc = new Y.Doc();
    // A new device can only be had without loss when what was typed has been heard.
    const fresh = client.provider.synced && this.#dice.chance(0.3);
    this.#count(fresh ? 'new device' : 'kept copy');
    if (fresh) {
      this.#devices.push({ person, document, channels, client: this.#open(person, document, channels) });
      return;
    }
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(client.doc));
    assertHonest(client, person);
    client.close();
    device.client = this.#open(person, document, channels, doc);
  }

  async #undo({ person, document, client }: Device): Promise<void> {
    const { chance, pick } = this.#dice;
    const what = pick(['undo', 'undo', 'redo'] as const);
    this.#count(what);
    const scope = chance(0.2) ? 'document' : 'user';
    if (chance(0.5) || !client.provider.wsconnected)
      return void (await this.#may(person, 'POST', `${pathOf(document)}/${what}`, { scope }));
    const provider = client.provider as unknown as Parameters<typeof undo>[0];
    try {
      await (what === 'undo' ? undo : redo)(provider, { scope });
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      this.refused[error.code] = (this.refused[error.code] ?? 0) + 1;
    }
  }

  async #restore({ person, document }: Device): Promise<void> {
    this.#count('restore');
    const { seq } = (await this.#must('olga', 'GET', pathOf(document))).body;
    await this.#may(person, 'POST', `${pathOf(document)}/restore`, { seq: 1 + this.#dice.below(Number(seq)) });
  }

  async #flight(): Promise<void> {
    const { below, chance, pick } = this.#dice;
    const active = await this.#active();
    if (active.length < 3) {
      this.#count('track');
      this.#flights += 1;
      await this.#must('ada', 'POST', '/flights/track', {
        flightId: `FL-${this.#flights}`,
        flightNumber: `DL${1000 + this.#flights}`,
        departureCity: 'Atlanta',
        arrivalCity: 'Los Angeles',
        scheduledDeparture: '2027-01-05T10:00:00Z',
        scheduledArrival: '2027-01-05T14:00:00Z',
        source: 'push',
        watchers: [pick(people)],
        boards: chance(0.5) ? ['tour'] : [],
      });
      return;
    }
    const path = `/flights/${encodeURIComponent(pick(active))}`;
    const stops = chance(0.15);
    this.#count(stops ? 'stop' : 'gate');
    if (stops) await this.#must('ada', 'POST', `${path}/stop`);
    else await this.#must('ada', 'PATCH', path, { gate: `G${below(99)}` });
  }

  async #notify(): Promise<void> {
    const { chance, pick } = this.#dice;
    const userId = pick(people);
    if (chance(0.3)) {
      this.#count('read');
      const { notifications } = (await this.#must(userId, 'GET', `/notifications/${userId}/unread`)).body as {
        notifications: { id: string }[];
      };
      const [newest] = notifications;
      if (newest) await this.#must(userId, 'POST', `/notifications/${userId}/read-all`, { upTo: newest.id });
      return;
    }
    this.#count('notify');
    const alert = { type: 'alert', data: { urgency: 'low', message: `for ${userId}` } };
    if (chance(0.3)) await this.#must('ada', 'POST', '/notifications/broadcast', { audience: 'all', ...alert });
    else await this.#must('ada', 'POST', '/notifications/send', { userId, ...alert });
  }

  /** Everybody may write, is online and has nothing pending: then all must hold what the log says. */
  async #rest(): Promise<void> {
    this.rests += 1;
    for (const id of documents) {
      await this.#must('olga', 'POST', `${pathOf(id)}/share`, { userIds: ['ed'], role: 'editor' });
      await this.#may('olga', 'DELETE', `${pathOf(id)}/lock`);
    }
    for (const { client } of this.#devices) client.provider.connect();
    for (const { client, person } of this.#devices)
      await until(() => client.provider.synced, `${person} is synced; closed before with ${client.closes}`, 30_000);
    for (const id of documents) await this.#compareContent(id);
    for (const device of this.#devices) {
      await this.#compareFlights(device);
      await this.#compareInbox(device);
      assertHonest(device.client, device.person);
    }
    this.#forgetDevices();
  }

  async #compareContent(id: string): Promise<void> {
    const devices = this.#devices.filter(({ document }) => document === id);
    const read = async (): Promise<string> => {
      const { seq } = (await this.#must('olga', 'GET', pathOf(id))).body;
      const update = await fetch(`${this.#server.url}/api/realtime${pathOf(id)}/at?seq=${seq}&as=update`, {
        headers: { Authorization: `Bearer ${this.#tokens.get('olga')}` },
      });
      assert.is(update.status, 200);
      const doc = new Y.Doc();
      Y.applyUpdate(doc, new Uint8Array(await update.arrayBuffer()));
      return contentOf(doc);
    };
    let logged = await read();
    const equal = async (): Promise<boolean> => {
      if (devices.every(({ client }) => contentOf(client.doc) === logged)) return true;
      logged = await read();
      return false;
    };
    await until(equal, `all of ${id} hold what the log says`, 30_000).catch((error: unknown) => {
      for (const { client, person } of devices)
        console.error(person, client.closes, contentOf(client.doc) === logged, client.doc.store.pendingStructs);
      console.error('log   ', logged.slice(0, 4_000));
      for (const { client } of devices) console.error('client', contentOf(client.doc).slice(0, 4_000));
      throw error;
    });
    for (const { client } of devices) assert.is(client.doc.store.pendingStructs, null);
  }

  async #compareFlights({ client, channels }: Device): Promise<void> {
    const wanted = async (): Promise<string> => {
      if (!channels.includes('flights')) return '{}';
      const { flights } = (await this.#must('ada', 'GET', '/flights/active?limit=1000')).body as {
        flights: { flightId: string }[];
      };
      return sorted(Object.fromEntries(flights.map((flight) => [flight.flightId, flight])));
    };
    await until(
      async () => sorted(client.doc.getMap('flights').toJSON()) === (await wanted()),
      'the board is what REST says',
    );
  }

  async #compareInbox({ client, person }: Device): Promise<void> {
    const wanted = async (): Promise<string> => {
      const { notifications } = (await this.#must(person, 'GET', `/notifications/${person}?limit=100`)).body as {
        notifications: { id: string }[];
      };
      return sorted(Object.fromEntries(notifications.map((each) => [each.id, each])));
    };
    await until(
      async () => sorted(client.doc.getMap('notifications').toJSON()) === (await wanted()),
      `${person}'s map is their inbox`,
    );
  }

  /** Additional devices leave when all is known to be on the server, so that their number stays small. */
  #forgetDevices(): void {
    const kept = people.length * documents.length;
    for (const { client } of this.#devices.splice(kept)) client.close();
  }

  async #active(): Promise<readonly string[]> {
    const { flights } = (await this.#must('ada', 'GET', '/flights/active')).body as { flights: { flightId: string }[] };
    return flights.map(({ flightId }) => flightId);
  }

  #open(person: Person, document: string, channels: string, doc = new Y.Doc()): StockClient {
    return new StockClient(this.#server.wsUrl, document, {
      user: person,
      doc,
      params: { token: this.#tokens.get(person) ?? '', channels },
    });
  }

  async #call(person: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.#server.url}/api/realtime${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.#tokens.get(person)}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  async #must(person: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#call(person, method, path, body);
    assert.ok(answer.status < 300, `${method} ${path} as ${person}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  /** What may be refused for what others did meanwhile. */
  async #may(person: string, method: string, path: string, body?: unknown): Promise<void> {
    const { status, body: answer } = await this.#call(person, method, path, body);
    if (status < 300) return;
    const code = String(answer['code']);
    const expected = [403, 409, 423].includes(status);
    assert.ok(expected, `${method} ${path} as ${person}: ${status} ${JSON.stringify(answer)}`);
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }
}

const pathOf = (document: string): string => `/documents/${encodeURIComponent(document)}`;

const assertHonest = ({ closes }: StockClient, person: string): void =>
  assert.ok(closes.every(passing), `${person} was closed with ${closes}`);

/** What of a client's document is the document's own: without the channels laid over it, and their client ids. */
const contentOf = (doc: Y.Doc): string =>
  dumpDocument(doc)
    .split('\n')
    .filter((line) => contentRoots.some((root) => line.startsWith(`"${root}": `)))
    .join('\n');

const sorted = (entries: Record<string, unknown>): string =>
  JSON.stringify(entries, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

export const runSoak = async (steps: number, seed: number): Promise<SoakReport> => {
  const tokens = new Map<string, string>();
  for (const person of people) tokens.set(person, await tokenOf(person));
  tokens.set('ada', await tokenOf('ada', { roles: ['admin'] }));
  const server = await ServerProcess.start({
    env: { ...generousLimits, JWT_SECRET: secret, FLIGHT_LINGER_MINUTES: '0', ROOM_IDLE_SECONDS: '1' },
  });
  const soak = new Soak(server, tokens, dice(seed));
  try {
    await soak.begin();
    await soak.run(steps);
    soak.close();
    await server.stop();
    const { code, stdout, output } = await contrailHere(['verify', '--json', '--data', server.dataDir]);
    assert.is(code, 0, output);
    const { events } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { events: number };
    return { steps: soak.steps, refused: soak.refused, rests: soak.rests, events };
  } catch (error) {
    console.error(`the server wrote:\n${server.output.slice(-4_000)}`);
    throw error;
  } finally {
    soak.close();
    await server.dispose();
  }
};

export const describeSoak = ({ steps, refused, rests, events }: SoakReport): string =>
  `${JSON.stringify(steps)}; refused ${JSON.stringify(refused)}; ${rests} times at rest, all equal; ${events} events, verified`;
