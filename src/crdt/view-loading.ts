// A view document from the log: its newest checkpoint and the updates after it. What is missing is no loss: the content is compared with the
// projections after loading.

import * as Y from 'yjs';
import type { EventLog } from '../model/event-log.js';
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
  let doc = new Y.Doc();
  const head = (await log.head(stream))?.seq ?? 0;
  const checkpoint = head > 0 ? await log.checkpoint(stream, head) : null;
  if (checkpoint) Y.applyUpdate(doc, checkpoint.state);
  let bytesSince = 0;
  for (let after = checkpoint?.seq ?? 0; after < head; ) {
    const read = await log.read(stream, after);
    if (read.kind !== 'range' || read.events.length === 0) break;
    for (const { kind, payload, seq } of read.events) {
      if (seq > head) break;
      // A rotation's payload is the whole new content.
      if (kind === 'rotated') doc = new Y.Doc();
      if (payload) Y.applyUpdate(doc, payload);
      bytesSince += payload?.length ?? 0;
      after = seq;
    }
  }
  const checkpointBytes = checkpoint?.state.length ?? 0;
  const { pendingStructs, pendingDs, clients } = doc.store;
  const isWhole =
    pendingStructs === null &&
    pendingDs === null &&
    (client === null ? clients.size === 0 : clients.size === 1 && clients.has(client));
  if (isWhole) return { stored: { doc, client, floor: 0, head }, checkpointBytes, bytesSince };
  // A stream that was truncated has lost its checkpoint: what clients hold under its ids is unknown, and a higher one is begun.
  doc.destroy();
  return { stored: { doc: new Y.Doc(), client: null, floor: client ?? 0, head }, checkpointBytes, bytesSince };
};
