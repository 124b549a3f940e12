// A view document from the log: its newest checkpoint and the updates after it. What is missing is no loss: the content is compared with the
// projections after loading.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import { rootOf } from './channels.js';
import { ViewContent } from './view-content.js';
import type { StoredView } from './view-document.js';
import type { ViewItem, ViewName } from './view-items.js';

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
  const content = isWhole && client !== null ? storedContent(doc, { root: rootOf(stream), client }) : null;
  doc.destroy();
  // A stream that was truncated has lost its checkpoint: what clients hold under its id is unknown, and a higher one is begun.
  return { stored: { content, floor: content ? 0 : (client ?? 0), head }, ...weights };
};

/** A view document's items, out of a Y.Doc that holds it and nothing else; `null` where it holds what no view does. */
export const storedContent = (doc: Y.Doc, name: ViewName): ViewContent | null => {
  const root = doc.getMap(name.root);
  const items: (ViewItem | null)[] = [];
  for (const struct of doc.store.clients.get(name.client) ?? []) {
    for (let offset = 0; offset < struct.length; offset += 1) {
      // Yjs keeps places that are left side by side under one key as one.
      const origin = offset > 0 ? items.length - 1 : struct instanceof Y.Item ? (struct.origin?.clock ?? null) : null;
      const item = struct instanceof Y.Item ? itemOf(struct, origin, root) : null;
      if (item === undefined) return null;
      items.push(item);
    }
  }
  return new ViewContent(name, items);
};

const itemOf = (
  { parent, parentSub: key, content, deleted }: Y.Item,
  origin: number | null,
  root: Y.Map<unknown>,
): ViewItem | null | undefined => {
  const entry = parent === root ? null : (parent as Y.Map<unknown> | null)?._item?.id.clock;
  if (entry === undefined || key === null) return undefined;
  if (deleted) return { kind: 'dead', origin, entry, key, value: null };
  if (content instanceof Y.ContentType && content.type instanceof Y.Map && entry === null)
    return { kind: 'entry', origin, entry, key, value: null };
  if (content instanceof Y.ContentAny && content.arr.length === 1 && entry !== null)
    return { kind: 'field', origin, entry, key, value: content.arr[0] };
  return undefined;
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
