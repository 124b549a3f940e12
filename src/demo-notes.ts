// The demo's rich text: three people connect as every editor does, on the stock provider, and write in turn, so that its past has authors.

import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { whenSaved } from './client/provider.js';
import { ClientSocket } from './http/client-socket.js';

/** Nodes by the names of ProseMirror's basic schema, which y-prosemirror writes. */
type Node = Y.XmlElement | Y.XmlText;

type Words = readonly (string | { readonly strong: string })[];

const words = (...parts: Words): Y.XmlText => {
  const text = new Y.XmlText();
  text.applyDelta(
    parts.map((part) =>
      typeof part === 'string' ? { insert: part } : { insert: part.strong, attributes: { strong: {} } },
    ),
  );
  return text;
};

const element = (name: string, ...children: readonly Node[]): Y.XmlElement => {
  const node = new Y.XmlElement(name);
  node.insert(0, [...children]);
  return node;
};

const heading = (level: number, text: string): Y.XmlElement => {
  const node = new Y.XmlElement<{ level: number }>('heading');
  node.setAttribute('level', level);
  node.insert(0, [words(text)]);
  return node as unknown as Y.XmlElement;
};

const paragraph = (...parts: Words): Y.XmlElement => element('paragraph', words(...parts));
const item = (...parts: Words): Y.XmlElement => element('list_item', paragraph(...parts));

interface Turn {
  readonly user: string;
  readonly blocks: readonly (() => Y.XmlElement)[];
}

const turns: readonly Turn[] = [
  {
    user: 'alice',
    blocks: [
      () => heading(1, 'Spring tour'),
      () =>
        paragraph('Three cities in nine days. The van leaves ', { strong: 'Monday at six' }, ' from the stage door.'),
      () => heading(2, 'Still open'),
    ],
  },
  {
    user: 'bob',
    blocks: [
      () =>
        element(
          'bullet_list',
          item('Lisbon: who has the key to the rehearsal room?'),
          item('Porto: the piano must be tuned on the day before.'),
          item('Flights are on the board; the bell rings when a gate changes.'),
        ),
    ],
  },
  {
    user: 'carol',
    blocks: [
      () => heading(2, 'Decided'),
      () => element('blockquote', paragraph('We play the long version, with the second encore.')),
      () => paragraph('Press this document’s ', { strong: 'History' }, ' to see who wrote what.'),
    ],
  },
];

const write = async (wsUrl: string, id: string, { user, blocks }: Turn): Promise<void> => {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(wsUrl, id, doc, {
    WebSocketPolyfill: ClientSocket,
    params: { user, channels: 'none' },
    disableBc: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      provider.on('sync', (synced) => synced && resolve());
      provider.on('closed', ({ reason }) => reject(new Error(reason)));
    });
    const fragment = doc.getXmlFragment('content');
    for (const block of blocks) fragment.push([block()]);
    await whenSaved(provider);
  } finally {
    provider.destroy();
    doc.destroy();
  }
};

export const writeNotes = async (wsUrl: string, id: string): Promise<void> => {
  for (const turn of turns) await write(wsUrl, id, turn);
};
