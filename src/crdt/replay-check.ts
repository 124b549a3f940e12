// Whether a document's events can be replayed from the first to the last, and whether its checkpoints say what the events say. For
// `contrail verify`.

import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import { type LogReads, readEvents, replayInto } from './replay.js';
import { documentJson } from './root-types.js';

export interface ReplayFault {
  readonly kind: 'event' | 'replay' | 'checkpoint';
  /** `null` where it is not known. */
  readonly seq: number | null;
  readonly detail: string;
}

/** `checkpoints`: the seqs of the document's checkpoints. */
export const checkReplay = async (
  log: LogReads,
  id: DocumentId,
  checkpoints: readonly number[],
): Promise<readonly ReplayFault[]> => {
  const faults: ReplayFault[] = [];
  const stream = documentStream(id);
  const doc = new Y.Doc();
  try {
    const head = (await log.head(stream))?.seq ?? 0;
    const stops = [...checkpoints.filter((seq) => seq <= head).sort((one, other) => one - other), head];
    let after = 0;
    for (const through of stops) {
      for await (const events of readEvents(log, stream, { after, through })) replayInto(doc, events);
      after = through;
      const state = checkpoints.includes(through) ? await stateAt(log, id, through) : null;
      if (state !== null && !isSameState(state, doc)) {
        faults.push({ kind: 'checkpoint', seq: through, detail: 'says something else than the events up to it' });
      }
    }
  } catch (error) {
    faults.push(faultOf(error));
  } finally {
    doc.destroy();
  }
  return faults;
};

/** The checkpoint at that seq; `null` when it cannot be read, which is found elsewhere. */
const stateAt = async (log: LogReads, id: DocumentId, seq: number): Promise<Uint8Array | null> => {
  const checkpoint = await log.checkpoint(documentStream(id), seq);
  return checkpoint?.seq === seq ? checkpoint.state : null;
};

/** By what a document consists of; the same document can be encoded in several ways. */
const isSameState = (state: Uint8Array, doc: Y.Doc): boolean => {
  const other = new Y.Doc();
  try {
    replayInto(other, [{ seq: 0, kind: 'created', payload: state }]);
    return (
      Y.equalSnapshots(Y.snapshot(other), Y.snapshot(doc)) && isDeepStrictEqual(documentJson(other), documentJson(doc))
    );
  } catch {
    return false;
  } finally {
    other.destroy();
  }
};

const faultOf = (error: unknown): ReplayFault => {
  const detail = error instanceof ContrailError ? error.detail : error instanceof Error ? error.message : String(error);
  const seq = error instanceof ContrailError ? (error.extra['seq'] ?? error.extra['after']) : undefined;
  const isDamage = error instanceof ContrailError && error.code === 'damaged-event';
  return { kind: isDamage ? 'event' : 'replay', seq: typeof seq === 'number' ? seq : null, detail };
};
