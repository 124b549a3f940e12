// The stock clients that are promised to work, all in one document.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { StockClient, stockVersions } from '../support/stock-client.js';

test('y-websocket 1.5.4, 2.1.0, 3.0.0 and 3.1.0 sync text and presence with each other', () =>
  withServer({}, async (server) => {
    const clients = stockVersions.map(
      (version) => new StockClient(server.wsUrl, 'versions', { user: `user-${version}`, version }),
    );
    try {
      await Promise.all(clients.map((client) => client.synced()));
      for (const [index, client] of clients.entries()) {
        client.doc.getMap('from').set(stockVersions[index] ?? '', index);
        client.text.insert(0, `${stockVersions[index]} `);
        client.provider.awareness.setLocalStateField('cursor', { index });
      }
      const states = (client: StockClient): readonly unknown[] =>
        [...client.provider.awareness.getStates().values()].map((state) => state['cursor']?.index);
      await until(
        () =>
          clients.every(
            (client) =>
              client.doc.getMap('from').size === clients.length &&
              client.text.length === 4 * 6 &&
              client.text.toString() === clients[0]?.text.toString() &&
              [0, 1, 2, 3].every((index) => states(client).includes(index)),
          ),
        'all clients have the text and the presence of all',
      );
      assert.is(await new Rest(server.url, 'alice').documentText('versions'), clients[0]?.text.toString());
      assert.equal(
        clients.map(({ closes }) => closes),
        [[], [], [], []],
      );

      const [gone, ...others] = clients;
      const goneId = gone?.doc.clientID ?? 0;
      gone?.close();
      await until(
        () => others.every(({ provider }) => !provider.awareness.getStates().has(goneId)),
        'who left is seen no more',
      );
    } finally {
      for (const client of clients) client.close();
    }
  }));

test('what each version typed offline arrives when it is back', () =>
  withServer({}, async (server) => {
    const clients = stockVersions.map(
      (version) => new StockClient(server.wsUrl, 'offline', { user: 'alice', version }),
    );
    try {
      await Promise.all(clients.map((client) => client.synced()));
      await server.stop();
      await until(() => clients.every(({ provider }) => !provider.wsconnected), 'all are offline');
      for (const [index, client] of clients.entries()) client.text.insert(0, `offline ${stockVersions[index]} `);
      await server.restart();
      await until(
        () =>
          clients.every(
            (client) => client.text.length === 4 * 14 && client.text.toString() === clients[0]?.text.toString(),
          ),
        'all have everything',
        20_000,
      );
    } finally {
      for (const client of clients) client.close();
    }
  }));

test.run();
