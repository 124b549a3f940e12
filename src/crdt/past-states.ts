// A document as it was at a seq or a time, in the forms that queries ask for.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { type LogReads, loadState } from './replay.js';
import { documentJson, documentText } from './root-types.js';

export interface PastStates {
  /** The last seq at a time. Rejects with `seq-not-found` when the document began later. */
  seqAt(id: DocumentId, time: number): Promise<number>;
  json(id: DocumentId, seq: number): Promise<JsonObject>;
  /** Text and XML roots as strings by root name. */
  texts(id: DocumentId, seq: number): Promise<JsonObject>;
  /** One text root; empty when there is none of that name. */
  text(id: DocumentId, seq: number, name: string): Promise<string>;
  update(id: DocumentId, seq: number): Promise<Uint8Array>;
}

export const createPastStates = (log: LogReads): PastStates => {
  const read = async <T>(id: DocumentId, seq: number, look: (doc: Y.Doc) => T): Promise<T> => {
    const { doc } = await loadState(log, id, { seq });
    try {
      return look(doc);
    } finally {
      doc.destroy();
    }
  };
  return {
    async seqAt(id, time) {
      const position = await log.positionAt(documentStream(id), time);
      if (!position)
        throw new ContrailError('seq-not-found', 'The document began later than that.', {
          extra: { head: (await log.head(documentStream(id)))?.seq ?? 0 },
        });
      return position.seq;
    },
    json: (id, seq) => read(id, seq, documentJson),
    texts: (id, seq) => read(id, seq, documentText),
    text: (id, seq, name) =>
      read(id, seq, (doc) => {
        const texts = documentText(doc);
        return Object.hasOwn(texts, name) ? String(texts[name]) : '';
      }),
    update: (id, seq) => read(id, seq, (doc) => Y.encodeStateAsUpdate(doc)),
  };
};
