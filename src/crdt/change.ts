// Who changed a document, and how that is to be logged and told.

import * as Y from 'yjs';
import type { EventKind, Position } from '../model/events.js';
import { systemActor, type UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import type { Session } from './session.js';

/** A range of structs by one Yjs client: clocks `clock` to `end - 1`. */
export interface ClockRange {
  readonly client: number;
  readonly clock: number;
  readonly end: number;
}

/** Told once an event is durable, or that it never will be. */
export interface Settle {
  readonly logged: (position: Position) => void;
  readonly failed: (error: unknown) => void;
}

export interface Change {
  readonly kind: EventKind;
  readonly actor: UserId;
  readonly meta: JsonObject | null;
  /** The connection that sent it and therefore has it already; `null` for what the server wrote. */
  readonly from: Session | null;
  readonly ranges: readonly ClockRange[];
  readonly settle: Settle | null;
  /** The head it must be logged right after, where that matters. */
  readonly head?: number;
}

/** Yjs cleans up redundant formatting marks by itself, in a transaction of its own: nobody did that. */
export const tidying = (update: Uint8Array): Change => ({
  kind: 'edit',
  actor: systemActor,
  meta: null,
  from: null,
  ranges: rangesOf(update),
  settle: null,
});

/** The struct ranges of an update that the server made. */
export const rangesOf = (update: Uint8Array): readonly ClockRange[] => {
  const { from, to } = Y.parseUpdateMeta(update);
  return [...from].map(([client, clock]) => ({ client, clock, end: to.get(client) ?? clock }));
};
