// Changes of view documents between their drafting and their showing.

import type { AppendUnit } from '../model/event-log.js';
import type { NewEvent } from '../model/events.js';
import type { DomainChange } from '../model/views.js';
import { viewCheckpointIsDue } from './checkpoint-rule.js';
import type { ViewDocument } from './view-document.js';

export interface Drafted {
  readonly view: ViewDocument;
  /** What is logged: a patch's update, a rotation's whole new content. */
  readonly payload: Uint8Array;
  readonly isRotation: boolean;
}

/** What one change brings with it: events besides the domain's own, and the drafts they are of. */
export interface DraftedChange {
  readonly events: readonly NewEvent[];
  readonly drafted: readonly Drafted[];
}

/**
 * The checkpoints that go with the unit at `index` of a round: the last unit that touches a view carries the view's, when one is due. The
 * stream's earlier events are then dropped: the facts behind them have their history elsewhere.
 */
export const dueCheckpoints = (
  round: readonly DraftedChange[],
  index: number,
): NonNullable<AppendUnit['checkpoints']> => {
  const views = new Set(round[index]?.drafted.map(({ view }) => view));
  const checkpoints = [];
  for (const view of views) {
    const isLast = !round.slice(index + 1).some(({ drafted }) => drafted.some((draft) => draft.view === view));
    if (!isLast) continue;
    const drafts = round.flatMap(({ drafted }) => drafted.filter((draft) => draft.view === view));
    const weight = view.bytesSince + drafts.reduce((sum, { payload }) => sum + payload.length, 0);
    // Up to twice as early as the rule says, each view at its turn.
    const isDue = viewCheckpointIsDue(weight * (1 + view.turn), view.checkpointBytes);
    if (!isDue && !drafts.some(({ isRotation }) => isRotation)) continue;
    checkpoints.push({ stream: view.stream, state: view.draftState(), truncate: true });
  }
  return checkpoints;
};

/** What is appended for a round of changes: each expects its views' heads as they are once all before it are logged. */
export const appendUnits = (
  round: readonly (DraftedChange & { readonly change: DomainChange })[],
): readonly AppendUnit[] => {
  const all = round.flatMap(({ drafted }) => drafted.map(({ view }) => view));
  // Each drafted event has raised its view's head by one.
  const heads = new Map(all.map((view) => [view, view.draftHead]));
  for (const view of all) heads.set(view, (heads.get(view) ?? 0) - 1);
  return round.map(({ events, drafted, change }, index) => {
    const views = new Set(drafted.map(({ view }) => view));
    const expect = [...views].map((view) => ({ stream: view.stream, head: heads.get(view) ?? 0 }));
    for (const { view } of drafted) heads.set(view, (heads.get(view) ?? 0) + 1);
    return {
      events: [...change.events, ...events],
      expect: [...(change.expect ?? []), ...expect],
      checkpoints: dueCheckpoints(round, index),
    };
  });
};
