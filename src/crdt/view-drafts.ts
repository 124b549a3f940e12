// Changes of view documents between their drafting and their showing.

import type { AppendUnit } from '../model/event-log.js';
import type { ClockRange } from './change.js';
import { checkpointIsDue } from './checkpoint-rule.js';
import type { ViewDocument } from './view-document.js';

export interface Drafted {
  readonly view: ViewDocument;
  readonly update: Uint8Array;
  /** For a rotation the state it begins with; `null` for a patch. */
  readonly rotated: Uint8Array | null;
}

export interface ShownUpdate {
  readonly update: Uint8Array;
  readonly ranges: readonly ClockRange[];
}

/** A drafted change is durable: it is shown, and noted for the view's subscribers. */
export const reveal = ({ view, update, rotated }: Drafted, shown: Map<ViewDocument, ShownUpdate[]>): void => {
  const entry = { update, ranges: rotated ? view.revealRotation(rotated) : view.reveal(update) };
  const updates = shown.get(view);
  if (updates) updates.push(entry);
  else shown.set(view, [entry]);
};

/**
 * The checkpoints that go with the first of these units: the last unit of a round that touches a view carries the view's, when one is due.
 * The stream's earlier events are then dropped: the facts behind them have their history elsewhere.
 */
export const dueCheckpoints = (
  [unit, ...later]: readonly { readonly drafted: readonly Drafted[] }[],
  touched: ReadonlySet<ViewDocument>,
): NonNullable<AppendUnit['checkpoints']> => {
  const checkpoints = [];
  for (const view of touched) {
    const mine = unit?.drafted.filter((draft) => draft.view === view) ?? [];
    if (mine.length === 0 || later.some(({ drafted }) => drafted.some((draft) => draft.view === view))) continue;
    const weight = view.bytesSince + mine.reduce((sum, { update }) => sum + update.length, 0);
    const rotates = mine.some(({ rotated }) => rotated !== null);
    if (!rotates && !checkpointIsDue(weight, view.checkpointBytes)) continue;
    const state = view.draftState();
    view.checkpointBytes = state.length;
    view.bytesSince = 0;
    checkpoints.push({ stream: view.stream, state, truncate: true });
  }
  return checkpoints;
};
