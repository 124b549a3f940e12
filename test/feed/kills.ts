// Readers that are killed again and again while people type, and go on each time after the last event that they took: nothing may be missing,
// nothing out of order, nothing twice.

import { tokenOf, type World } from '../access/world.js';
import { until } from '../support/deadline.js';
import { documentEventIds } from '../support/log-rows.js';
import { dice } from '../support/random.js';
import { page, StreamReader } from './reader.js';

export interface KillReport {
  readonly events: number;
  readonly kills: number;
  readonly editsPerSecond: number;
  /** What differs from the log: must be empty. */
  readonly faults: readonly string[];
}

const tickMs = 5;

export const run = async (
  world: World,
  kills: number,
  { seed, perSecond }: { readonly seed: number; readonly perSecond: number },
): Promise<KillReport> => {
  const draw = dice(seed);
  const documents = ['plan', 'notes', 'list'];
  for (const id of documents) await world.document(id, { bob: 'editor' });
  const typists = await Promise.all(
    documents.flatMap((id) => ['alice', 'bob'].map((user) => world.join(id, user, { deaf: true }))),
  );
  const token = await tokenOf('alice');

  let sent = 0;
  const started = performance.now();
  const typing = setInterval(() => {
    const due = Math.min(sent + perSecond / 10, ((performance.now() - started) / 1000) * perSecond);
    while (sent < due) {
      draw.pick(typists).type('x');
      sent += 1;
    }
  }, tickMs);

  const taken: number[] = [];
  const place = (): number => taken.at(-1) ?? 0;
  let done = 0;
  try {
    while (done < kills) {
      const wanted = 1 + draw.below(draw.pick([3, 100, 600]));
      if (draw.chance(0.25)) {
        const { events } = await page(world, token, `?after=${place()}&limit=${Math.min(1_000, wanted)}`);
        // Dies in the middle of its work: what it has not taken, it asks for again.
        taken.push(...events.slice(0, 1 + draw.below(events.length)).map(({ id }) => id));
      } else {
        const reader = new StreamReader(world.url, token, place());
        await until(() => reader.seen.length >= wanted, `${wanted} events come`, 30_000);
        reader.close();
        taken.push(...reader.ids.slice(0, draw.chance(0.5) ? wanted : reader.ids.length));
      }
      done += 1;
    }
  } finally {
    clearInterval(typing);
  }
  const seconds = (performance.now() - started) / 1000;
  for (const typist of typists) await typist.ask('hello');
  const logged = documentEventIds(world.dataDir);
  const last = new StreamReader(world.url, token, place());
  await until(
    () => place() + last.seen.length === 0 || (last.ids.at(-1) ?? place()) >= (logged.at(-1) ?? 0),
    'the end',
  );
  last.close();
  taken.push(...last.ids);

  const faults: string[] = [];
  for (let index = 0; index < Math.max(taken.length, logged.length) && faults.length < 10; index += 1)
    if (taken[index] !== logged[index]) faults.push(`place ${index}: took ${taken[index]}, logged ${logged[index]}`);
  return { events: taken.length, kills: done, editsPerSecond: Math.round(sent / seconds), faults };
};
