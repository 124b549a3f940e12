// What the change feed tells of an event (docs/events.md): who did what to what, without the bytes of Yjs updates. Many events are nobody's
// business (view documents, idempotency, who watches a flight): they are no changes at all. Whose eyes a change is for is change-access.ts's.

import { decodeEvent } from '../flights/flight-events.js';
import type { EventKind, LoggedEvent } from '../model/events.js';
import { parseStreamName, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { type BroadcastAccepted, factOf, type Notified } from '../notify/facts.js';

export const changeTypes = ['document', 'flight', 'notification', 'preferences', 'broadcast'] as const;
export type ChangeType = (typeof changeTypes)[number];

export interface Change {
  /** Of the event: grows over all of them, and is what a reader resumes at. */
  readonly id: number;
  readonly type: ChangeType;
  /** Id of the document, flight, person or broadcast, as `type` says. */
  readonly subject: string;
  /** The event's number in its stream. */
  readonly seq: number;
  /** Unix ms. */
  readonly at: number;
  readonly actor: UserId;
  readonly kind: EventKind;
  /** Length of the payload. */
  readonly bytes: number;
  readonly data: JsonObject | null;
}

/** The event as a change, the same for all readers; `null` for what concerns the server alone. */
export const changeOf = (event: LoggedEvent): Change | null => {
  const { id, seq, at, actor, kind, payload, meta } = event;
  const stream = parseStreamName(event.stream);
  if (stream === null) return null;
  const change = (type: ChangeType, data: JsonObject | null): Change => ({
    ...{ id, type, subject: stream.name, seq, at, actor, kind },
    ...{ bytes: payload?.length ?? 0, data },
  });
  switch (stream.type) {
    case 'doc':
      return change('document', meta);
    case 'flight':
      return kind === 'watched' ? null : change('flight', flightData(event));
    case 'inbox':
      return change('notification', kind === 'notified' ? notifiedData(event) : meta);
    case 'preferences':
      return change('preferences', meta);
    case 'broadcast':
      return change('broadcast', kind === 'broadcast' ? broadcastData(event) : meta);
    default:
      return null;
  }
};

/** What was decided, with why; who watches a flight is not for everybody. */
const flightData = (event: LoggedEvent): JsonObject => {
  const { watchers, ...fact } = decodeEvent(event).payload as JsonObject;
  return { ...fact, ...event.meta };
};

/** The notification itself is read when it is shown: by then it may have been recalled. */
const notifiedData = (event: LoggedEvent): JsonObject => {
  const { id, broadcastId } = factOf<Notified>(event);
  return { notificationId: id, ...(broadcastId === undefined ? {} : { broadcastId }) };
};

/** Who else got it is not for everybody either. */
const broadcastData = (event: LoggedEvent): JsonObject => {
  const { audience, recipients, content } = factOf<BroadcastAccepted>(event);
  return {
    audience,
    ...(recipients === undefined ? {} : { total: recipients.length }),
    content: content as unknown as JsonObject,
  };
};
