// What `contrail serve --demo` adds to a server that has just started: a few documents, once, and simulated flights, as long as it runs.
// It talks to the server as every client does, over REST, and so needs no knowledge of its parts.

import { code, rehearsal, welcome } from './demo-texts.js';
import type { Logger } from './logger.js';

const author = 'contrail';
const keepFlightsMs = 15_000;

const documents = [
  { id: 'welcome.md', title: 'Welcome', content: welcome },
  { id: 'connect.ts', title: 'Connect an editor', content: code },
  { id: 'meeting-notes.rich', title: 'Meeting notes' },
];

/** Airline, number, from, to, and how many minutes ahead it leaves: some are about to board, so that there is something to see at once. */
const flights = [
  ['DL', '123', 'ATL', 'LAX', 20],
  ['BA', '286', 'SFO', 'LHR', 30],
  ['LH', '400', 'FRA', 'JFK', 40],
  ['AF', '6', 'CDG', 'JFK', 45],
  ['NH', '10', 'HND', 'ORD', 55],
  ['QF', '1', 'SYD', 'SIN', 65],
  ['KL', '641', 'AMS', 'JFK', 80],
  ['EK', '201', 'DXB', 'JFK', 100],
] as const;
const minuteMs = 60_000;
const scheduleStepMs = 5 * minuteMs;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Ask = (path: string, body?: object, user?: string) => Promise<Answer>;

const askOf =
  (url: string): Ask =>
  async (path, body, user = author) => {
    const response = await fetch(`${url}/api/realtime${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', 'x-user-id': user },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  };

/** A document that several people wrote, word by word, so that its history is worth looking at. */
const seedRehearsal = async (ask: Ask): Promise<void> => {
  const id = 'opening-night.txt';
  const { status } = await ask('/documents/create', { id, title: 'Opening night' }, 'alice');
  if (status !== 201) return;
  let content = '';
  for (const { user, after, text } of rehearsal) {
    let index = after === null ? content.length : content.indexOf(after) + after.length;
    for (const value of text.split(/(?<= )/)) {
      await ask(`/documents/${id}/edits`, { path: ['content'], action: 'insert', index, value }, user);
      content = content.slice(0, index) + value + content.slice(index);
      index += value.length;
    }
  }
};

const seedDocuments = async (ask: Ask, logger: Logger): Promise<void> => {
  for (const document of documents) {
    const { status } = await ask('/documents/create', document);
    // 409: there already. 410: somebody deleted it, and that is their right.
    if (![201, 409, 410].includes(status)) logger.warn({ status, document: document.id }, 'demo document not created');
  }
  await seedRehearsal(ask);
};

/** Every sample flight that is not under way is tracked: at the demo's speed each arrives within the hour and makes room for the next. */
const keepFlights = async (ask: Ask, logger: Logger, speed: number): Promise<void> => {
  const { body } = await ask('/flights/active');
  const active = (body as { flights?: readonly { flightNumber: string }[] } | null)?.flights ?? [];
  const numbers = new Set(active.map(({ flightNumber }) => flightNumber));
  for (const [carrierCode, number, departureAirport, arrivalAirport, minutesAhead] of flights) {
    const flightNumber = `${carrierCode}${number}`;
    if (numbers.has(flightNumber)) continue;
    const flightId = `${flightNumber}-${Date.now().toString(36)}`;
    // The simulator's time, which runs `speed` times as fast.
    const departure = Date.now() * speed + minutesAhead * minuteMs;
    const { status } = await ask('/flights/track', {
      flightId,
      carrierCode,
      flightNumber,
      departureAirport,
      arrivalAirport,
      scheduledDeparture: new Date(Math.ceil(departure / scheduleStepMs) * scheduleStepMs).toISOString(),
    });
    if (status >= 400) logger.warn({ status, flight: flightId }, 'demo flight not tracked');
  }
};

/** Resolves once the samples are there. Failures are logged: a demo without samples is still a server. Never keeps the process alive. */
export const runDemo = async (url: string, logger: Logger, simulatorSpeed: number): Promise<void> => {
  const ask = askOf(url);
  const attempt = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => logger.debug({ cause: String(error) }, 'demo samples not created'));
  await attempt(seedDocuments(ask, logger));
  await attempt(keepFlights(ask, logger, simulatorSpeed));
  setInterval(() => attempt(keepFlights(ask, logger, simulatorSpeed)), keepFlightsMs).unref();
};
