// Answers the questions of history.ts by reading the log, in whatever thread it runs in. It keeps the undo replicas and event indexes of
// the documents asked about last; all else is computed afresh from a checkpoint.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { LoggedEvent } from '../model/events.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import { attributeText } from './attribution.js';
import { diffEvents } from './diff.js';
import { computeEdit } from './edits.js';
import { EventIndex } from './event-index.js';
import type { History, StateRequest } from './history.js';
import { Recent } from './recent.js';
import { checkedSeq, type LogReads, loadState, readEvents } from './replay.js';
import { computeRestore } from './restore.js';
import { documentJson, documentText, rootText } from './root-types.js';
import { defaultUndoOptions, UndoHistory, type UndoOptions } from './undo.js';

export interface HistoryOptions {
  readonly undo: UndoOptions;
  /** How many documents' undo replicas and indexes are kept. */
  readonly keptDocuments: number;
}

export const defaultHistoryOptions: HistoryOptions = { undo: defaultUndoOptions, keptDocuments: 4 };

/** One call at a time: the replicas kept between calls are shared. The pool sees to that. */
export const createHistoryQueries = (log: LogReads, options: HistoryOptions = defaultHistoryOptions): History => {
  const undos = new Recent<DocumentId, UndoHistory>(options.keptDocuments);
  const indexes = new Recent<DocumentId, EventIndex>(options.keptDocuments);
  return {
    async stateAt(documentId, request) {
      const { doc, seq } = await loadState(log, documentId, await pastSeq(log, documentId, request.seq));
      return { seq, state: stateAs(doc, request) };
    },

    async diff(documentId, { from, to }) {
      const stream = documentStream(documentId);
      await checkedSeq(log, stream, from);
      await checkedSeq(log, stream, to);
      if (from > to)
        throw new ContrailError('bad-request', 'A diff goes from an earlier seq to a later one.', {
          faults: [{ at: '?from', detail: 'is greater than to' }],
        });
      const { doc } = await loadState(log, documentId, { seq: from, gc: false });
      const tail: LoggedEvent[] = [];
      for await (const events of readEvents(log, stream, { after: from, through: to })) tail.push(...events);
      return { from, to, changes: diffEvents(doc, tail) };
    },

    async attribution(documentId, { name, seq: wanted }) {
      const { doc, seq } = await loadState(log, documentId, await pastSeq(log, documentId, wanted));
      const index = indexes.take(documentId, () => new EventIndex());
      for await (const events of readEvents(log, documentStream(documentId), { after: index.seq, through: seq }))
        for (const event of events) index.add(event);
      return { seq, runs: attributeText(doc, name, index) };
    },

    async undo(documentId, request) {
      try {
        return await undos.take(documentId, () => new UndoHistory(log, documentId, options.undo)).compute(request);
      } catch (error) {
        if (!(error instanceof ContrailError && error.code === 'nothing-to-undo')) undos.forget(documentId);
        throw error;
      }
    },

    async restore(documentId, { seq, actor, at, client }) {
      const { doc: target } = await loadState(log, documentId, await pastSeq(log, documentId, seq));
      const { doc: replica, seq: head } = await loadState(log, documentId);
      const before = Y.encodeStateAsUpdate(replica);
      const update = computeRestore(replica, target, client);
      if (update === null) return { head, update, changes: [] };
      const base = new Y.Doc({ gc: false });
      Y.applyUpdate(base, before);
      const event = { id: 0, seq: head + 1, stream: documentStream(documentId), kind: 'restored', actor, at } as const;
      return { head, update, changes: diffEvents(base, [{ ...event, payload: update, meta: null }]) };
    },

    async edit(documentId, { edit, client }) {
      const { doc, seq: head } = await loadState(log, documentId);
      return { head, update: computeEdit(doc, edit, client) };
    },
  };
};

/** Seq 0, before the first event, is a bound of a diff, and no state that anybody saw. */
const pastSeq = async (log: LogReads, documentId: DocumentId, seq?: number): Promise<{ readonly seq?: number }> => {
  if (seq === undefined) return {};
  const head = await checkedSeq(log, documentStream(documentId));
  if (seq === 0)
    throw new ContrailError('seq-not-found', `The document has the seqs 1 to ${head}.`, { extra: { head } });
  return { seq };
};

const stateAs = (doc: Y.Doc, { as, name = 'content' }: StateRequest) => {
  switch (as) {
    case 'json':
      return documentJson(doc);
    case 'texts':
      return documentText(doc);
    case 'update':
      return Y.encodeStateAsUpdate(doc);
    case 'text': {
      const text = rootText(doc, name);
      if (text !== null) return text;
      throw new ContrailError('bad-request', `The root "${name}" is no text.`, {
        faults: [{ at: '?name', detail: 'is neither text nor XML' }],
      });
    }
  }
};
