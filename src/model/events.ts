// Events: the rows of the log. Only events carry facts; everything else is computed from them.

import type { StreamName, UserId } from './ids.js';
import type { JsonObject } from './json.js';

/** Kinds by stream type (docs/log.md). */
export const eventKinds = {
  doc: [
    'created',
    'edit',
    'undo',
    'redo',
    'restored',
    'version',
    'shared',
    'unshared',
    'locked',
    'unlocked',
    'deleted',
    'renamed',
  ],
  flight: ['tracked', 'updated', 'stale', 'fresh', 'overridden', 'stopped', 'completed', 'unlisted', 'watched'],
  inbox: ['notified', 'seen', 'read', 'archived', 'expired', 'rotated', 'recalled'],
  broadcast: ['broadcast', 'recalled', 'progress'],
  view: ['view', 'rotated'],
  channels: ['view-client'],
  preferences: ['preferences'],
  person: ['appeared'],
  request: ['claimed', 'performed', 'answered', 'released'],
  webhook: ['delivered'],
} as const;
export type EventKind = (typeof eventKinds)[keyof typeof eventKinds][number];

/** Kinds whose payload is a Yjs update (V1) to apply when a document is replayed. `created` carries one when the document was seeded. */
export const updateKinds: ReadonlySet<EventKind> = new Set<EventKind>(['created', 'edit', 'undo', 'redo', 'restored']);

/** An event before it is logged. The log gives it `id`, `seq` and its final `at`. */
export interface NewEvent {
  readonly stream: StreamName;
  readonly kind: EventKind;
  readonly actor: UserId;
  /** Unix ms. Raised to the stream's last `at` where it would go back. */
  readonly at: number;
  readonly payload: Uint8Array | null;
  readonly meta: JsonObject | null;
}

/** Where an event stands: `id` orders all streams, `seq` counts 1, 2, 3 … within its stream, `at` never goes back within it. */
export interface Position {
  readonly id: number;
  readonly seq: number;
  readonly at: number;
}

export interface LoggedEvent extends NewEvent, Position {}

/** An event without its payload, for lists. */
export interface EventSummary extends Omit<LoggedEvent, 'payload'> {
  /** Length of the payload in bytes. */
  readonly bytes: number;
}
