// What `contrail serve --demo` adds to a server that has just started: a document to read and a few simulated flights, each once. Talks to
// the server as every client does, over REST, so it needs no knowledge of its parts.

import type { Logger } from './logger.js';

const author = 'contrail';

const welcome = `# Welcome to Contrail

This document is shared: open this page in a second window, pick another name, and type in both.

Things to try
  - History, above: drag the slider. Every character knows who wrote it, and when.
  - Stop the server with kill -9 while you type. Start it again. Nothing is lost, and
    "Undo on server" still takes back your own last step, and only yours.
  - Work offline for a while, then come back: both sides are merged.
  - Flights: they change in this very Y.Doc, in doc.getMap('flights').
  - The bell: it rings for one person, in doc.getMap('notifications').

What you see is the stock y-websocket provider with stock editor bindings.
`;

const code = `// A code document. CodeMirror 6 with y-codemirror.next, on the stock y-websocket provider.
import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';

const doc = new Y.Doc();
const provider = new WebsocketProvider('ws://127.0.0.1:1234', 'connect.ts', doc, { params: { user: 'alice' } });

doc.getMap('flights').observeDeep(() => {
  for (const [id, flight] of doc.getMap('flights').entries()) console.log(id, flight.get('status'), flight.get('gate'));
});
`;

const documents = [
  { id: 'welcome.md', title: 'Welcome', content: welcome },
  { id: 'connect.ts', title: 'Connect an editor', content: code },
  { id: 'meeting-notes.rich', title: 'Meeting notes' },
];

/** Airline, number, and how many minutes ahead it leaves. */
const flights = [
  ['DL', '123', 'ATL', 'LAX'],
  ['BA', '286', 'SFO', 'LHR'],
  ['LH', '400', 'FRA', 'JFK'],
  ['AF', '6', 'CDG', 'JFK'],
  ['NH', '10', 'HND', 'ORD'],
  ['QF', '1', 'SYD', 'SIN'],
  ['KL', '641', 'AMS', 'JFK'],
  ['EK', '201', 'DXB', 'JFK'],
] as const;

const post = async (url: string, path: string, body: object): Promise<number> => {
  const response = await fetch(`${url}/api/realtime${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user-id': author },
    body: JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
};

/** Seeds what is not there yet; safe to call at every start. Failures are logged: a demo without samples is still a server. */
export const seedDemo = async (url: string, logger: Logger): Promise<void> => {
  try {
    for (const document of documents) {
      const status = await post(url, '/documents/create', document);
      // 409: there already. 410: somebody deleted it, and that is their right.
      if (![201, 409, 410].includes(status))
        logger.warn({ status, document: document.id }, 'demo document not created');
    }
    for (const [carrierCode, number, departureAirport, arrivalAirport] of flights) {
      const body = { flightId: `demo-${carrierCode}${number}`, carrierCode, flightNumber: `${carrierCode}${number}` };
      const status = await post(url, '/flights/track', { ...body, departureAirport, arrivalAirport });
      if (status === 404) break;
      if (status >= 400) logger.warn({ status, flight: body.flightId }, 'demo flight not tracked');
    }
  } catch (error) {
    logger.warn({ cause: String(error) }, 'demo samples not created');
  }
};
