// A view document from the log: its newest checkpoint and the updates after it. What is missing is no loss; the content is compared with the
// projections after loading.

import * as Y from 'yjs';
import type { EventLog } from '../model/event-log.js';
import type { StreamName } from '../model/ids.js';
import { ViewDocument } from './view-document.js';

export const loadView = async (log: EventLog, stream: StreamName, client: number | null): Promise<ViewDocument> => {
  const state = new Y.Doc();
  const head = (await log.head(stream))?.seq ?? 0;
  const checkpoint = head > 0 ? await log.checkpoint(stream, head) : null;
  if (checkpoint) Y.applyUpdate(state, checkpoint.state);
  let bytesSince = 0;
  for (let after = checkpoint?.seq ?? 0; after < head; ) {
    const read = await log.read(stream, after);
    if (read.kind !== 'range' || read.events.length === 0) break;
    for (const { payload, seq } of read.events) {
      if (payload) Y.applyUpdate(state, payload);
      bytesSince += payload?.length ?? 0;
      after = seq;
    }
  }
  // Without its checkpoint a stream that was truncated leaves gaps: the old id's content is then unknown, and a new one is begun.
  const broken =
    state.store.pendingStructs !== null ||
    state.store.pendingDs !== null ||
    (client !== null && head > 0 && Y.getState(state.store, client) === 0);
  const view = new ViewDocument(stream, { client: broken ? null : client, head, state: broken ? new Y.Doc() : state });
  view.bytesSince = bytesSince;
  view.checkpointBytes = checkpoint?.state.length ?? 0;
  return view;
};
