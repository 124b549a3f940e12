// From the log back to a document: the newest checkpoint at or before a seq, and the events after it. Rooms load with it, and every
// query about the past begins with it. It only reads; what a state is used for is decided elsewhere.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import { type DocumentId, documentStream, type StreamName } from '../model/ids.js';
import { joinedUpdates } from './joined-updates.js';
import { wholeStateSteps } from './whole-state.js';

/** The part of the log that replay and history use; nothing of it writes. */
export type LogReads = Pick<EventLog, 'head' | 'read' | 'list' | 'checkpoint' | 'positionAt'>;

export interface LoadOptions {
  /** The seq whose state is wanted, 0 for the empty document before the first event; the head when absent. */
  readonly seq?: number;
  /** Whether the document stays one that collects deleted content; true when absent. Replay itself always collects. */
  readonly gc?: boolean;
  /** Awaited after every millisecond or so of work, where others wait for their turn; the document is nobody else's until it is loaded. */
  readonly rest?: () => Promise<void>;
}

export interface LoadedState {
  readonly doc: Y.Doc;
  /** The seq this is the state of. */
  readonly seq: number;
  /** `at` of the last event that was replayed; 0 when the checkpoint stands at `seq` itself. */
  readonly at: number;
  /** The checkpoint it began with: its seq and size, both 0 when there was none. */
  readonly checkpointSeq: number;
  readonly checkpointBytes: number;
  /** Weight of the payloads after that checkpoint, for the checkpoint rule. */
  readonly bytesSince: number;
}

/** A millisecond or two of reading, and as much of replaying. */
const pageEvents = 250;

/**
 * Applies the updates of `events` to `doc` inside one Yjs transaction; other kinds are passed over. Never by `Y.mergeUpdates`, which is
 * superlinear in the number of updates.
 *
 * The transaction counts as a local one. Otherwise Yjs would tidy the formatting of nested rich text here, once more and by itself;
 * the tidying a room has done is an event of its own, and a replica must hold what the log says and nothing else.
 *
 * Throws `internal` when an update cannot be applied, or waits for another one that never came: the log holds replayable events only (I2).
 */
export const replayInto = (doc: Y.Doc, events: Iterable<Pick<LoggedEvent, 'seq' | 'kind' | 'payload'>>): void => {
  let seq = 0;
  try {
    doc.transact((transaction) => {
      for (const joined of joinedUpdates(events)) {
        seq = joined.seq;
        Y.applyUpdate(doc, joined.update);
        transaction.local = true;
      }
      // Yjs forgets its index markers only where a transaction is not local.
      for (const type of transaction.changed.keys()) type._searchMarker?.splice(0);
    });
  } catch (error) {
    throw new ContrailError('internal', `The event with seq ${seq} cannot be replayed.`, {
      cause: error,
      extra: { seq },
    });
  }
  refusePending(doc, seq);
};

/** Throws `internal` when the document waits for structs or deletes whose predecessors it has not seen. */
export const refusePending = (doc: Y.Doc, seq: number): void => {
  if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return;
  throw new ContrailError('internal', `The events up to seq ${seq} leave a gap in the document.`, { extra: { seq } });
};

/**
 * The document as it was at a seq.
 *
 * Rejects with `not-found` when the stream has no events, `seq-not-found` (with `head`) when it has no such seq, `damaged-event` when
 * an event fails its crc, and `internal` when the events cannot be replayed.
 */
export const loadState = async (
  log: LogReads,
  documentId: DocumentId,
  options: LoadOptions = {},
): Promise<LoadedState> => {
  const stream = documentStream(documentId);
  const seq = await checkedSeq(log, stream, options.seq);
  const doc = new Y.Doc();
  const checkpoint = await log.checkpoint(stream, seq);
  if (checkpoint !== null) await restoreCheckpoint(doc, checkpoint, options.rest);
  let at = 0;
  let bytesSince = 0;
  for await (const events of readEvents(log, stream, { after: checkpoint?.seq ?? 0, through: seq })) {
    await options.rest?.();
    replayInto(doc, events);
    for (const event of events) {
      at = event.at;
      bytesSince += event.payload?.byteLength ?? 0;
    }
  }
  doc.gc = options.gc ?? true;
  return {
    doc,
    seq,
    at,
    checkpointSeq: checkpoint?.seq ?? 0,
    checkpointBytes: checkpoint?.state.byteLength ?? 0,
    bytesSince,
  };
};

/** The seq itself, or the head when none is given, once it is known to exist. Errors as in `loadState`. */
export const checkedSeq = async (log: LogReads, stream: StreamName, seq?: number): Promise<number> => {
  const head = await log.head(stream);
  if (head === null) throw new ContrailError('not-found', 'There is no such document.');
  if (seq === undefined) return head.seq;
  if (!Number.isSafeInteger(seq) || seq < 0 || seq > head.seq)
    throw new ContrailError('seq-not-found', `The document has the seqs 1 to ${head.seq}.`, {
      extra: { head: head.seq },
    });
  return seq;
};

/** The events `after` < seq ≤ `through`, page by page, so that a long history never lies in memory as a whole. */
export async function* readEvents(
  log: LogReads,
  stream: StreamName,
  range: { readonly after: number; readonly through: number },
): AsyncGenerator<readonly LoggedEvent[]> {
  let after = range.after;
  while (after < range.through) {
    const page = await log.read(stream, after, Math.min(pageEvents, range.through - after));
    const events = page.kind === 'range' ? page.events.filter((event) => event.seq <= range.through) : [];
    const last = events.at(-1);
    if (last === undefined)
      throw new ContrailError('internal', `The events after seq ${after} are missing.`, { extra: { stream, after } });
    yield events;
    after = last.seq;
  }
}

const restoreCheckpoint = async (
  doc: Y.Doc,
  { seq, state }: { readonly seq: number; readonly state: Uint8Array },
  rest: LoadOptions['rest'],
): Promise<void> => {
  const steps = wholeStateSteps(doc, state);
  const step = (): boolean => {
    try {
      return !steps.next().done;
    } catch (error) {
      throw new ContrailError('internal', `The checkpoint at seq ${seq} cannot be loaded.`, {
        cause: error,
        extra: { seq },
      });
    }
  };
  while (step()) await rest?.();
  refusePending(doc, seq);
};
