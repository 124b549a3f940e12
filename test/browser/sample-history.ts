// A document that three people wrote, for pages that show a past: typed through stock clients, so that it is like any other.

import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';

interface Contribution {
  readonly user: string;
  /** Where in the text: after this, or at the end. */
  readonly after: string | null;
  readonly text: string;
}

const contributions: readonly Contribution[] = [
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

/** Types the contributions one after the other, letter groups at a time, and waits until all of it is logged. */
export const typeSampleHistory = async (wsUrl: string, documentId: string): Promise<string> => {
  const people = new Map(['alice', 'bob', 'carol'].map((user) => [user, new StockClient(wsUrl, documentId, { user })]));
  const texts = () => [...people.values()].map(({ doc }) => doc.getText('content').toString());
  try {
    for (const client of people.values()) await client.synced();
    for (const { user, after, text } of contributions) {
      const shared = people.get(user)?.doc.getText('content');
      if (!shared) continue;
      const content = shared.toString();
      let index = after === null ? content.length : content.indexOf(after) + after.length;
      for (const word of text.split(/(?<= )/)) {
        shared.insert(index, word);
        index += word.length;
      }
      await until(() => new Set(texts()).size === 1, 'all see it');
    }
    return texts()[0] ?? '';
  } finally {
    for (const client of people.values()) client.close();
  }
};
