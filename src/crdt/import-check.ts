// Whether what comes from elsewhere may become a document, and in which form. What enters the log this way has passed the gate, like
// everything else there (I2).

import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { isReservedRoot } from './channels.js';
import { assertSound, checkUpdate } from './gate.js';
import { documentJson } from './root-types.js';
import { syncUpdateLimits, type UpdateLimits } from './update-limits.js';
import { parseUpdate } from './update-parser.js';

/** What the network may not bring in one piece, an operator may. */
export const importLimits: UpdateLimits = {
  ...syncUpdateLimits,
  maxStructs: 50_000_000,
  maxDeleteRanges: 50_000_000,
  maxClients: 50_000_000,
  maxNewTypes: 50_000_000,
  maxGrowth: 2 ** 31 - 1,
  maxSteps: 2_000_000_000,
  repairOrigins: true,
};

export interface ForeignState {
  readonly doc: Y.Doc;
  /** Bytes of what waited for something that nobody has: that program kept it, and it never showed. */
  readonly leftOut: number;
}

/** What another program's updates amount to. Throws `invalid-update` where Yjs itself cannot apply them. */
export const foreignState = (updates: readonly Uint8Array[]): ForeignState => {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      for (const update of updates) Y.applyUpdate(doc, update);
    });
  } catch (error) {
    doc.destroy();
    throw new ContrailError('invalid-update', 'Yjs cannot apply it.', { cause: error });
  }
  const { store } = doc;
  const leftOut = (store.pendingStructs?.update.length ?? 0) + (store.pendingDs?.length ?? 0);
  store.pendingStructs = null;
  store.pendingDs = null;
  return { doc, leftOut };
};

/**
 * What `source` adds to `doc`, checked by the gate; `null` when it adds nothing. Throws `server-owned` for roots that belong to the server, and
 * `invalid-update`.
 */
export const checkedDifference = (doc: Y.Doc, source: Y.Doc): Uint8Array | null => {
  const reserved = [...source.share.keys()].find(isReservedRoot);
  if (reserved !== undefined) {
    throw new ContrailError(
      'server-owned',
      `It has a shared type "${reserved}", a name that belongs to the server here.`,
    );
  }
  const update = Y.encodeStateAsUpdate(source, Y.encodeStateVector(doc));
  const verdict = checkUpdate(doc, parseUpdate(update, importLimits), importLimits);
  if (verdict.kind === 'accepted') return verdict.news ? (verdict.repaired ?? update) : null;
  if (verdict.kind === 'not-ready') throw new ContrailError('invalid-update', 'It refers to what it does not have.');
  // Yjs' own undo makes such origins. They are no harm where everybody who loads them sees the same.
  if (verdict.rule.startsWith('origins-') && loadsAlike(doc, source, update)) return update;
  throw new ContrailError('invalid-update', `${verdict.rule}: ${verdict.detail}`);
};

const loadsAlike = (doc: Y.Doc, source: Y.Doc, update: Uint8Array): boolean => {
  if (doc.store.clients.size > 0) return false;
  const loaded = new Y.Doc();
  const again = new Y.Doc();
  try {
    Y.applyUpdate(loaded, update);
    assertSound(loaded);
    Y.applyUpdate(again, Y.encodeStateAsUpdate(loaded));
    const content = documentJson(source);
    return isDeepStrictEqual(documentJson(loaded), content) && isDeepStrictEqual(documentJson(again), content);
  } finally {
    loaded.destroy();
    again.destroy();
  }
};
