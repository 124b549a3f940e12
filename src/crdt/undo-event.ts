// What an `undo` or `redo` event says about itself (docs/log-events.md), so that replay can execute it again.

import type { LoggedEvent } from '../model/events.js';
import type { JsonObject } from '../model/json.js';

export type UndoScope = 'user' | 'document';

export interface UndoMeta {
  /** The client id that the update's new structs carry: the document's server client id at that time. */
  readonly client: number;
  readonly scope: UndoScope;
  /** The events whose effect was taken back, in order: of an undo the edits of one step, of a redo the undo event. Empty when nothing changed. */
  readonly undone: readonly number[];
  /** Steps up to this seq were out of reach: where the replay that computed it began. */
  readonly from: number;
}

export const undoMetaJson = (meta: UndoMeta): JsonObject => ({ ...meta });

/** `null` for an event that is no undo or redo, or says nothing usable; replay then applies its update and no more. */
export const parseUndoMeta = (event: Pick<LoggedEvent, 'kind' | 'meta'>): UndoMeta | null => {
  if ((event.kind !== 'undo' && event.kind !== 'redo') || event.meta === null) return null;
  const { client, scope, undone, from } = event.meta;
  if (typeof client !== 'number' || (scope !== 'user' && scope !== 'document')) return null;
  if (!Array.isArray(undone) || typeof from !== 'number') return null;
  return { client, scope, undone: undone.filter((seq): seq is number => typeof seq === 'number'), from };
};
