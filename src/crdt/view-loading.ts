// A view document from the log: its newest checkpoint and the updates after it. What is missing is no loss: the content is compared with the
// projections after loading.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import type { StoredView } from './view-document.js';

export interface LoadedView {
  readonly stored: StoredView;
  /** Weight of the newest checkpoint and of the updates after it. */
  readonly checkpointBytes: number;
  readonly bytesSince: number;
}

/** `client` is the id under which the view is written, if it ever was. */
export const loadView = async (log: EventLog, stream: StreamName, client: number | null): Promise<LoadedView> => {
  const head = (await log.head(stream))?.seq ?? 0;
  const checkpoint = head > 0 ? await log.checkpoint(stream, head) : null;
  const weights = { checkpointBytes: checkpoint?.state.length ?? 0, bytesSince: 0 };
  let doc = new Y.Doc();
  if (checkpoint) Y.applyUpdate(doc, checkpoint.state);
  for (const { kind, payload } of await eventsAfter(log, stream, checkpoint?.seq ?? 0, head)) {
    // A rotation's payload is the whole new content.
    if (kind === 'rotated') doc = new Y.Doc();
    if (payload) Y.applyUpdate(doc, payload);
    weights.bytesSince += payload?.length ?? 0;
  }
  const { pendingStructs, pendingDs, clients } = doc.store;
  const isWhole =
    pendingStructs === null &&
    pendingDs === null &&
    (client === null ? clients.size === 0 : clients.size === 1 && clients.has(client));
  if (isWhole) return { stored: { doc, client, floor: 0, head }, ...weights };
  // A stream that was truncated has lost its checkpoint: what clients hold under its id is unknown, and a higher one is begun.
  doc.destroy();
  return { stored: { doc: new Y.Doc(), client: null, floor: client ?? 0, head }, ...weights };
};

/** The events from there to the head; none where the stream has gaps or damage. */
const eventsAfter = async (
  log: EventLog,
  stream: StreamName,
  from: number,
  head: number,
): Promise<readonly LoggedEvent[]> => {
  const events: LoggedEvent[] = [];
  try {
    for (let after = from; after < head; after = events.at(-1)?.seq ?? head) {
      const read = await log.read(stream, after);
      if (read.kind !== 'range' || read.events.length === 0) return [];
      events.push(...read.events);
    }
  } catch (error) {
    if (error instanceof ContrailError && error.code === 'damaged-event') return [];
    throw error;
  }
  return events.filter(({ seq }) => seq <= head);
};
