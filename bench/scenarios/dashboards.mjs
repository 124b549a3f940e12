// *dashboards*: 1,000 dashboards look at a board of 1,000 flights, of which 50 a second change. Unit of work: a change that one dashboard has.
// And what that board costs who types beside it: keystrokes in a Y.Doc that holds the board, against one that does not.
// Ours only: nobody else has server-written boards.

import * as Y from 'yjs';
import { Client, closeClients, openAll } from '../client.mjs';
import { measure, until } from '../measurement.mjs';
import { seededRandom } from '../random.mjs';
import { Latencies, percentile } from '../statistics.mjs';
import { Watcher } from '../watcher.mjs';
import { busy, faults, latency } from './columns.mjs';

const watchers = 1_000;
const flights = 1_000;
const changesPerSecond = 50;
/** Whole documents are followed by some clients only, to spare the load: the others count bytes. */
const followed = 20;
const keystrokes = 2_000;
const typingRounds = 40;

const idOf = (number) => `FL-${String(number).padStart(4, '0')}`;
/** Changes are numbered, and the gate tells the number: so receivers know which one they have. */
const gateOf = (change) => `G${change}`;

const restBase = ({ place }) => `http://${place.host}:${place.port}/api/realtime/flights`;

const rest = (server) => {
  const base = restBase(server);
  const headers = { 'content-type': 'application/json', 'x-user-id': 'bench' };
  return async (method, path, body) => {
    const answer = await fetch(base + path, { method, headers, body: JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
};

const track = async (call) => {
  const day = (number) => String(1 + (number % 28)).padStart(2, '0');
  let next = 0;
  const worker = async () => {
    for (let number = next++; number < flights; number = next++)
      await call('POST', '/track', {
        flightId: idOf(number),
        flightNumber: `DL${1 + number}`,
        departureCity: 'Atlanta',
        arrivalCity: 'Los Angeles',
        departureAirport: 'ATL',
        arrivalAirport: 'LAX',
        scheduledDeparture: `2099-01-${day(number)}T10:00:00Z`,
        scheduledArrival: `2099-01-${day(number)}T14:30:00Z`,
        gate: 'A1',
        terminal: 'S',
        aircraft: 'A320',
        source: 'push',
      });
  };
  await Promise.all(Array.from({ length: 20 }, worker));
};

/**
 * What a keystroke takes, in microseconds, in a document that holds `board` and in one that holds nothing else: of many rounds the fastest tenth, in
 * which nobody else had the core.
 */
export const keystrokeCost = (board) => {
  const type = (withBoard) => {
    const doc = new Y.Doc();
    if (withBoard) Y.applyUpdate(doc, board);
    const text = doc.getText('content');
    let sent = 0;
    doc.on('update', (update) => {
      sent += update.length;
    });
    // The first ones let what was just loaded settle in memory, as it has in a page that shows it.
    for (let index = 0; index < keystrokes; index += 1) text.insert(index, 'x');
    const started = performance.now();
    for (let index = 0; index < keystrokes; index += 1) text.insert(keystrokes + index, 'x');
    const micros = ((performance.now() - started) * 1000) / keystrokes;
    if (sent === 0) throw new Error('nothing was typed');
    return micros;
  };
  const samples = { without: [], with: [] };
  for (let round = 0; round < typingRounds; round += 1) {
    samples.without.push(type(false));
    samples.with.push(type(true));
  }
  const fastest = (times) =>
    percentile(
      [...times].sort((a, b) => a - b),
      0.1,
    );
  return { without: fastest(samples.without), with: fastest(samples.with) };
};

export const dashboards = {
  name: 'dashboards',
  title: `dashboards: ${watchers} watch ${flights} flights, ${changesPerSecond} changes/s`,
  measures: (target) => target.hasFlights === true,
  columns: [
    { key: 'cpuMicros', title: 'CPU µs per delivered change', digits: 2 },
    { key: 'perSecond', title: 'deliveries/s', digits: 0 },
    ...latency,
    { key: 'framesPerChange', title: 'frames/change', digits: 2 },
    { key: 'boardKib', title: 'board KiB', digits: 0 },
    { key: 'keystrokeMicros', title: 'keystroke µs, no board', digits: 1 },
    { key: 'keystrokeBoardMicros', title: 'with board', digits: 1 },
    { key: 'keystrokeRatio', title: 'ratio', digits: 3 },
    ...busy,
    ...faults,
  ],
  compared: [],

  run: async ({ start, settings, log }) => {
    const server = await start();
    const call = rest(server);
    await track(call);
    const isFollower = (index) => index % (watchers / followed) === 0;
    const clients = await openAll(watchers, (index) => {
      const room = `dashboard-${index % 100}`;
      return isFollower(index) ? Client.open(server.target, server.url, room) : Watcher.open(server, room);
    });
    const latencies = new Latencies();
    const random = seededRandom(settings.seed);
    const sentAt = [];
    let seen = 0;
    let answered = 0;
    // These follow the board as a client does, so the latency includes applying it.
    const docs = [];
    const received = [];
    for (const client of clients.filter((_, index) => isFollower(index))) {
      const count = { frames: 0, bytes: 0 };
      received.push(count);
      const doc = new Y.Doc();
      docs.push(doc);
      client.onStep2 = (update) => Y.applyUpdate(doc, update);
      client.askSync(Uint8Array.of(0));
      await until(() => doc.getMap('flights').size === flights, 30_000);
      doc.getMap('flights').observeDeep((events) => {
        const now = performance.now();
        for (const event of events) {
          const gate = event.path.length === 1 && event.keysChanged.has('gate') ? event.target.get('gate') : undefined;
          if (gate === undefined) continue;
          seen += 1;
          latencies.add(now - sentAt[Number(gate.slice(1))]);
        }
      });
      client.onUpdate = (update) => {
        count.frames += 1;
        count.bytes += update.length;
        Y.applyUpdate(doc, update);
      };
    }
    const board = Y.encodeStateAsUpdate(docs[0]);
    const failed = [];
    const began = performance.now();
    const timer = setInterval(() => {
      const due = ((performance.now() - began) * changesPerSecond) / 1000;
      while (sentAt.length < due) {
        const change = sentAt.push(performance.now()) - 1;
        const flight = idOf(Math.floor(random() * flights));
        call('PATCH', `/${flight}`, { gate: gateOf(change) })
          .catch((error) => failed.push(error))
          .finally(() => {
            answered += 1;
          });
      }
    }, 5);
    const figures = await measure({ server, settings, latencies, work: () => (seen / followed) * watchers });
    clearInterval(timer);
    // Requests for one flight may overtake one another: what the server answered last is the truth.
    await until(() => answered === sentAt.length, 5_000);
    const { flights: truth } = await (await fetch(`${restBase(server)}/active?limit=1000`)).json();
    const behind = () =>
      docs.filter((doc) => truth.some(({ flightId, gate }) => doc.getMap('flights').get(flightId).get('gate') !== gate))
        .length;
    await until(() => behind() === 0, 5_000);
    // The others got the very same bytes.
    const counts = [...received, ...clients.filter((_, index) => !isFollower(index))];
    const sizes = () => new Set(counts.map(({ bytes }) => bytes)).size;
    await until(() => sizes() === 1, 5_000);
    const frames = counts.reduce((sum, one) => sum + one.frames, 0);
    if (failed.length > 0) log(`  ${failed.length} changes failed: ${failed[0].message}`);
    closeClients(clients);
    const cost = keystrokeCost(board);
    return {
      ...figures,
      boardKib: board.length / 1024,
      framesPerChange: frames / watchers / sentAt.length,
      keystrokeMicros: cost.without,
      keystrokeBoardMicros: cost.with,
      keystrokeRatio: cost.with / cost.without,
      faults: failed.length + behind() + sizes() - 1,
    };
  },
};
