// A database as a server leaves it behind: documents with long and short histories, checkpoints, undo, versions, flights, notifications.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../../src/model/time.js';
import { RawClient } from './raw-client.js';
import { Rest } from './rest.js';
import { wholeBelow } from './seed.js';
import { generousLimits, ServerProcess } from './server-process.js';

export interface Sample {
  readonly dataDir: string;
  readonly documents: readonly string[];
}

/** Edits by document: a few long histories, and many short ones that share pages. */
const edits = (index: number): number => (index < 3 ? 500 : index < 8 ? 60 : 2);

/** Makes one in a temporary folder, which is the caller's. */
export const makeSampleDatabase = async (random: Random, documents = 24): Promise<Sample> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'contrail-sample-'));
  const server = await ServerProcess.start({ dataDir, env: generousLimits });
  const post = async (path: string, body: object, user: string): Promise<void> => {
    const { status, bytes } = await new Rest(server.url, user).call('POST', path, body);
    if (status >= 300) throw new Error(`${path} ${status} ${Buffer.from(bytes)}`);
  };
  try {
    const ids = Array.from({ length: documents }, (_, index) => `sample/${index}`);
    for (const [index, id] of ids.entries()) {
      await post('/documents/create', { id, title: `Sample ${index}`, content: `The beginning of ${id}. ` }, 'alice');
      const client = await new RawClient(server.wsUrl, id, { user: index % 2 === 0 ? 'bob' : 'carol' }).sync();
      for (let edit = 0; edit < edits(index); edit += 1) {
        client.edit((doc) => {
          const text = doc.getText('content');
          if (text.length > 40 && random() < 0.2) text.delete(wholeBelow(random, text.length - 5), 3);
          else text.insert(wholeBelow(random, text.length), randomWord(random, index < 3 ? 300 : 8));
        });
      }
      // Its answer comes after the edits are durable.
      await client.sync();
      client.destroy();
      if (index < 8) {
        await post(`/documents/${encodeURIComponent(id)}/undo`, {}, index % 2 === 0 ? 'bob' : 'carol');
        await post(`/documents/${encodeURIComponent(id)}/versions`, { name: 'one' }, 'alice');
        await post(`/documents/${encodeURIComponent(id)}/share`, { userIds: ['dave'], role: 'viewer' }, 'alice');
      }
    }
    const departure = new Date(Date.now() + 3_600_000).toISOString();
    const leg = { carrierCode: 'DL', departureAirport: 'ATL', arrivalAirport: 'LAX', scheduledDeparture: departure };
    for (let number = 100; number < 105; number += 1)
      await post('/flights/track', { ...leg, flightId: `FL-${number}`, flightNumber: `DL${number}` }, 'alice');
    for (let number = 0; number < 10; number += 1) {
      const data = { urgency: 'high', message: `Note ${number}` };
      await post('/notifications/send', { userId: 'bob', type: 'alert', data }, 'alice');
    }
    await server.stop();
    return { dataDir, documents: ids };
  } finally {
    await server.dispose();
  }
};

const randomWord = (random: Random, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(97 + wholeBelow(random, 26))).join('');
