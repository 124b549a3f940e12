// The gate: whether an update may be applied to a document, decided before Yjs sees its bytes. Yjs trusts its peers; what passes here
// is applied whole, leaves nothing pending, and replays to the same document (I2). Structure is checked in update-parser.ts, what the
// structs refer to in update-check.ts; whom a client id belongs to is the room's question.

import type * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { Stop } from './gate-stop.js';
import { OutOfSteps } from './shadow-lists.js';
import { UpdateCheck } from './update-check.js';
import type { UpdateLimits } from './update-limits.js';
import type { ParsedUpdate } from './update-parser.js';

export type GateLimits = UpdateLimits;

export const gateRules = [
  'own-reference',
  'circular-reference',
  'parent-not-a-type',
  'origins-apart',
  'origins-inverted',
  'origins-crossed',
  'overlap',
  'live-run',
  'split-pair',
  'too-deep',
  'too-many-types',
  'too-many-roots',
  'too-many-structs',
  'growth',
  'work',
] as const;
export type GateRule = (typeof gateRules)[number];

export type GateVerdict =
  | {
      readonly kind: 'accepted';
      /** Whether it has structs beyond the document's state, or deletes something that is not deleted yet. */
      readonly news: boolean;
      /** What it adds, by client: from the first new clock to the one after the last. */
      readonly sections: readonly { readonly client: number; readonly clock: number; readonly end: number }[];
      readonly newClients: readonly number[];
      /** What must be applied instead of the update's own bytes, unless `null`; only with `limits.repairOrigins`. */
      readonly repaired: Uint8Array | null;
    }
  /** It refers to what the document does not have yet: it waits with its connection. */
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'refused'; readonly rule: GateRule; readonly detail: string };

/**
 * Decides about one update. The document is only read.
 *
 * What refers to clocks that neither the document nor the update has is *not ready*, deletes included: a stock client that edits
 * before its first step2 sends such updates honestly. What no client can mean (references in a circle, to its own later clocks, to a
 * parent that is no type, origins in the wrong order) is refused.
 */
export const checkUpdate = (doc: Y.Doc, parsed: ParsedUpdate, limits: GateLimits): GateVerdict => {
  try {
    const check = new UpdateCheck(doc, parsed, limits);
    check.structs();
    return check.verdict();
  } catch (thrown) {
    if (thrown instanceof Stop) return thrown.verdict;
    if (thrown instanceof OutOfSteps) {
      return { kind: 'refused', rule: 'work', detail: 'Finding the places of its items takes too much work.' };
    }
    throw thrown;
  }
};

/**
 * Throws unless the document is as it must be after every apply: no transaction half done (a throw in Yjs' clean-up leaves one, and the
 * document never emits `update` again), nothing pending. The caller then drops the document.
 */
export const assertSound = (doc: Y.Doc): void => {
  const { store } = doc;
  const fault =
    doc._transaction !== null || doc._transactionCleanups.length > 0
      ? 'a transaction did not end'
      : store.pendingStructs !== null
        ? 'structs are pending'
        : store.pendingDs !== null
          ? 'deletes are pending'
          : null;
  if (fault !== null) throw new ContrailError('internal', `The document is damaged: ${fault}.`);
};
