// A server with a webhook, killed in the middle of its work again and again.

import { until } from '../support/deadline.js';
import { documentEventIds } from '../support/log-rows.js';
import { dice } from '../support/random.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { Receiver, withoutRepeats } from './receiver.js';

export interface WebhookKillReport {
  readonly seed: number;
  readonly kills: number;
  readonly events: number;
  readonly deliveries: number;
  /** Deliveries that came more than once. */
  readonly repeated: number;
  readonly faults: readonly string[];
}

export const run = async (
  kills: number,
  { secret, seed }: { readonly secret: string; readonly seed: number },
): Promise<WebhookKillReport> => {
  const draw = dice(seed);
  const receiver = new Receiver(secret);
  await receiver.up();
  // Sometimes unwell, so that kills also meet retries.
  receiver.onAttempt = () => {
    receiver.mood = draw.chance(0.05) ? 503 : 200;
  };
  const faults: string[] = [];
  try {
    await withServer({ env: { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: secret } }, async (server) => {
      for (let kill = 0; kill <= kills; kill += 1) {
        const alice = new Rest(server.url, 'alice');
        await alice.call('POST', '/documents/create', { id: `plan-${kill}` });
        const enough = receiver.taken.length + 2 + draw.below(8);
        let isTyping = true;
        const typing = async () => {
          while (isTyping) {
            const edit = { path: ['content'], action: 'insert', value: 'x' };
            await alice.call('POST', `/documents/plan-${kill}/edits`, edit).catch(() => undefined); // the kill meets it
          }
        };
        const typists = [typing(), typing(), typing()];
        await until(() => receiver.taken.length >= enough, 'deliveries come', 30_000);
        isTyping = kill === kills ? false : isTyping;
        if (kill < kills) await server.kill9();
        isTyping = false;
        await Promise.all(typists);
        if (kill < kills) await server.restart();
      }
      const logged = documentEventIds(server.dataDir);
      const last = logged.at(-1) ?? 0;
      await until(() => (receiver.events.at(-1)?.id ?? 0) >= last, 'the last event comes', 30_000);
      const got = withoutRepeats(receiver.events).map(({ id }) => id);
      if (got.join() !== logged.join()) faults.push(`${got.length} came, ${logged.length} are logged`);
    });
  } finally {
    await receiver.down();
  }
  const contents = new Map<string, string>();
  for (const { id, events } of receiver.taken) {
    const content = events.map((event) => event.id).join();
    if ((contents.get(id) ?? content) !== content) faults.push(`${id} came with different content`);
    contents.set(id, content);
  }
  // A repeat is only ever of the delivery before, so the order holds even with repeats in it.
  for (const [index, { id }] of receiver.taken.entries()) {
    const first = receiver.taken.findIndex((other) => other.id === id);
    if (first < index - 1) faults.push(`${id} came at ${first} and ${index}`);
  }
  return {
    ...{ seed, kills, events: withoutRepeats(receiver.events).length, deliveries: contents.size },
    ...{ repeated: receiver.taken.length - contents.size, faults: [...faults, ...receiver.faults] },
  };
};
