// How far the webhook has come: the last event of the stream `webhook/main`, which is cut down to that event each time, so it takes no room.
// In the log and not beside it, so that it is as durable as what it points at, and goes with it into backups.

import type { EventLog } from '../model/event-log.js';
import { streamName, systemActor } from '../model/ids.js';
import type { Clock } from '../model/time.js';

export interface WebhookPlace {
  /** Everything up to this id has arrived. */
  readonly after: number;
  /** Where the delivery under way ends, decided before it is first tried: so a server that starts again repeats it under the same id. */
  readonly upTo: number | null;
}

const stream = streamName('webhook', 'main');

/** `null` where there never was a webhook. */
export const readPlace = async (log: Pick<EventLog, 'list'>): Promise<WebhookPlace | null> => {
  const [last] = await log.list(stream, { order: 'desc', limit: 1 });
  if (!last) return null;
  const { after, upTo } = last.meta ?? {};
  return { after: Number(after), upTo: typeof upTo === 'number' ? upTo : null };
};

export const writePlace = async (
  log: Pick<EventLog, 'append'>,
  clock: Clock,
  { after, upTo }: WebhookPlace,
): Promise<void> => {
  const event = { stream, kind: 'delivered' as const, actor: systemActor, at: clock.now(), payload: null };
  await log.append([
    {
      events: [{ ...event, meta: { after, upTo } }],
      checkpoints: [{ stream, state: new Uint8Array(), truncate: true }],
    },
  ]);
};
