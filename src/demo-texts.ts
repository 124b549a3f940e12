// The texts of the demo's documents. Words only.

export const welcome = `# Welcome to Contrail

This document is shared: open this page in a second window, pick another name, and type in both.

Things to try:

- **History**, above: drag the slider. Every character knows who wrote it, and when. *Opening night* has three authors.
- Stop the server with \`kill -9\` while you type, and start it again. Nothing is lost, and *Undo on server* still takes back your own last step, and only yours.
- **Work offline** for a while, then come back: both sides are merged.
- **Flights** change in this very Y.Doc, in \`doc.getMap('flights')\`.
- **The bell** rings for one person alone, in \`doc.getMap('notifications')\`.

What you see is the stock y-websocket provider with stock editor bindings.
`;

export const code = `// A code document: CodeMirror 6 with y-codemirror.next, on the stock y-websocket provider.
import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';

const doc = new Y.Doc();
const params = { user: 'alice' };
const provider = new WebsocketProvider('ws://127.0.0.1:1234', 'connect.ts', doc, { params });

const flights = doc.getMap('flights');
flights.observeDeep(() => {
  for (const [id, flight] of flights) console.log(id, flight.get('status'), flight.get('gate'));
});
`;

export interface Contribution {
  readonly user: string;
  /** Where in the text: behind this, or at its end. */
  readonly after: string | null;
  readonly text: string;
}

export const rehearsal: readonly Contribution[] = [
  {
    user: 'alice',
    after: null,
    text: 'Opening night\n\nDoors open at seven. The house seats four hundred and twelve people.\n',
  },
  { user: 'bob', after: null, text: '\nLights: two follow spots, and the cyclorama in amber for the second act.\n' },
  { user: 'carol', after: 'Doors open at ', text: 'half past ' },
  { user: 'alice', after: null, text: '\nAfter the show we meet the cast in the foyer.\n' },
  { user: 'bob', after: 'two follow spots', text: ' (one is in repair until Thursday)' },
  { user: 'carol', after: null, text: 'Coats are in the cloakroom on the left.\n' },
];
