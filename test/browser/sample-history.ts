// A document that three people wrote, for pages that show a past: typed through stock clients, so that it is like any other.

import { rehearsal } from '../../src/demo-texts.js';
import { until } from '../support/deadline.js';
import { StockClient } from '../support/stock-client.js';

/** Types the contributions one after the other, letter groups at a time, and waits until all of it is logged. */
export const typeSampleHistory = async (wsUrl: string, documentId: string): Promise<string> => {
  const people = new Map(['alice', 'bob', 'carol'].map((user) => [user, new StockClient(wsUrl, documentId, { user })]));
  const texts = () => [...people.values()].map(({ doc }) => doc.getText('content').toString());
  try {
    for (const client of people.values()) await client.synced();
    for (const { user, after, text } of rehearsal) {
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
