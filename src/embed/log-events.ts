// Events as `contrail.log` tells them: a union that narrows by `type` and `kind`, and for documents what `data` is, too. Which events there are,
// and what of them, is the change feed's (http/change.ts); here they also bring the bytes of Yjs updates.

import type { UndoMeta } from '../crdt/undo-event.js';
import type { VersionMeta } from '../crdt/versions.js';
import { changeOf } from '../http/change.js';
import { type eventKinds, type LoggedEvent, updateKinds } from '../model/events.js';
import type { JsonObject } from '../model/json.js';
import type { Role } from '../model/roles.js';
import { formatTime } from '../model/time.js';

interface EventBase {
  /** Grows over all events: what a reader goes on after. */
  readonly id: number;
  /** The id of the document, flight, person or broadcast. */
  readonly subject: string;
  /** The event's number in the history of its subject. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: string;
}

/** What `data` is by kind (docs/log-events.md). */
interface DocumentData {
  readonly created: { readonly title: string; readonly serverClient: number };
  readonly edit: JsonObject | null;
  readonly undo: UndoMeta;
  readonly redo: UndoMeta;
  readonly restored: { readonly seq: number };
  readonly version: VersionMeta;
  readonly shared: { readonly userId: string; readonly role: Role };
  readonly unshared: { readonly userId: string };
  /** Unix ms. */
  readonly locked: { readonly until: number };
  readonly unlocked: { readonly holder: string; readonly by: 'released' | 'broken' | 'expired' | 'left' | 'role' };
  readonly renamed: { readonly title: string };
  readonly deleted: null;
}

/** An event of a document. */
export type DocumentLogEvent = {
  readonly [Kind in keyof DocumentData]: EventBase & {
    readonly type: 'document';
    readonly kind: Kind;
    readonly data: DocumentData[Kind];
    /** The Yjs update (V1) of an edit, undo, redo or restore, and of a document that was created with content. */
    readonly update: Uint8Array | null;
  };
}[keyof DocumentData];

interface OtherEvent<Type extends string, Kind extends string> extends EventBase {
  readonly type: Type;
  readonly kind: Kind;
  readonly data: JsonObject | null;
  readonly update: null;
}

export type LogEvent =
  | DocumentLogEvent
  | OtherEvent<'flight', Exclude<(typeof eventKinds.flight)[number], 'watched'>>
  /** `subject` is the person. */
  | OtherEvent<'notification', (typeof eventKinds.inbox)[number]>
  | OtherEvent<'preferences', (typeof eventKinds.preferences)[number]>
  | OtherEvent<'broadcast', (typeof eventKinds.broadcast)[number]>;

/** `null` for what concerns the server alone. The kinds and what they carry are the log's own word, written by the server and nobody else. */
export const logEventOf = (event: LoggedEvent): LogEvent | null => {
  const change = changeOf(event);
  if (change === null) return null;
  const { bytes: _bytes, at, ...told } = change;
  const update = change.type === 'document' && updateKinds.has(event.kind) ? event.payload : null;
  return { ...told, at: formatTime(at), update } as unknown as LogEvent;
};
