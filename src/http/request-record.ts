// What became of a request with an Idempotency-Key: the events of the stream `request/<actor>/<key>`, and what they add up to.
//
//   claimed ── performed ── answered         performed: in the same transaction as the work itself
//      └────── answered                      work that cannot be joined (idempotency.ts)
//      └────── released                      refused: nothing was done, the key is free again
//
// After `keptMs` a key is free again whatever became of it.

import type { EventLog } from '../model/event-log.js';
import type { EventKind, NewEvent } from '../model/events.js';
import { type StreamName, streamName, systemActor, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';

/** Docs/rest.md: 24 h. */
export const keptMs = 24 * 60 * 60 * 1000;

/** What a request did, by the event that says so. */
export interface Deed {
  readonly stream: StreamName;
  readonly kind: EventKind;
  /** `id` of the event's meta, where it has one. */
  readonly id: string | null;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `null` when it was too large to keep. */
  readonly body: Uint8Array | null;
}

export type RequestRecord = { readonly head: number } & (
  | { readonly state: 'free' }
  | { readonly state: 'claimed'; readonly fingerprint: string }
  | { readonly state: 'performed'; readonly fingerprint: string; readonly deed: Deed }
  | { readonly state: 'answered'; readonly fingerprint: string; readonly answer: StoredAnswer }
);

/** The actor is encoded, so that it ends at the first slash. */
export const requestStream = (actor: UserId, key: string): StreamName =>
  streamName('request', `${encodeURIComponent(actor)}/${key}`);

export const readRequest = async (
  log: Pick<EventLog, 'read'>,
  stream: StreamName,
  now: number,
): Promise<RequestRecord> => {
  let record: RequestRecord = { state: 'free', head: 0 };
  let claimedAt = 0;
  let fingerprint = '';
  for (let after = 0, more = true; more; after = record.head) {
    const read = await log.read(stream, after);
    if (read.kind !== 'range') break;
    more = read.more;
    for (const { kind, at, seq: head, meta, payload } of read.events) {
      if (kind === 'claimed') {
        claimedAt = at;
        fingerprint = String(meta?.['fingerprint']);
        record = { head, state: 'claimed', fingerprint };
      } else if (kind === 'performed')
        record = { head, state: 'performed', fingerprint, deed: meta as unknown as Deed };
      else if (kind === 'answered') {
        const { status, headers } = meta as unknown as Omit<StoredAnswer, 'body'>;
        record = { head, state: 'answered', fingerprint, answer: { status, headers, body: payload } };
      } else record = { head, state: 'free' };
    }
  }
  return record.state !== 'free' && now - claimedAt >= keptMs ? { state: 'free', head: record.head } : record;
};

export const requestEvent = (
  stream: StreamName,
  at: number,
  fact: {
    readonly kind: 'claimed' | 'performed' | 'answered' | 'released';
    readonly meta?: object;
    readonly payload?: Uint8Array | null;
  },
): NewEvent => ({
  stream,
  kind: fact.kind,
  actor: systemActor,
  at,
  payload: fact.payload ?? null,
  meta: (fact.meta as JsonObject | undefined) ?? null,
});
