// How flights and notifications write: facts as events, and what people see of them as patches of view documents, in one
// transaction. They know neither Yjs nor rooms; crdt/ carries the patches out (docs/decisions, "channels").

import type { LoggedEvent, NewEvent } from './events.js';
import type { StreamName } from './ids.js';
import type { Json } from './json.js';

/** Changes to one key of a view document's root; the value of a key is a map of fields. */
export interface EntryPatch {
  /** Flight id or notification id. */
  readonly key: string;
  /** Fields to set; `undefined` removes the field. `null` instead of fields removes the whole entry. */
  readonly fields: Readonly<Record<string, Json | undefined>> | null;
}

export interface ViewPatch {
  /** `board/<name>` or `view/<userId>`. */
  readonly view: StreamName;
  readonly entries: readonly EntryPatch[];
  /** With the entries in, only this many stay: those with the highest keys. */
  readonly highest?: number;
  /** Skip the patch when nobody has the view open (inboxes: they are built from the projection on connecting). */
  readonly onlyIfOpen?: boolean;
}

export interface DomainChange {
  readonly events: readonly NewEvent[];
  readonly views: readonly ViewPatch[];
  /** Heads that must hold, as in `AppendUnit`. */
  readonly expect?: readonly { readonly stream: StreamName; readonly head: number }[];
}

/**
 * Logs the events and carries out the patches in one transaction; resolves once all of it is durable, with the events as logged.
 * Fields that already have the value given are left alone, so that an unchanged record costs nothing.
 * Rejects with `conflict` when `expect` does not hold and with `log-unavailable` when the log cannot write; nothing has changed then.
 */
export type CommitChange = (change: DomainChange) => Promise<readonly LoggedEvent[]>;
