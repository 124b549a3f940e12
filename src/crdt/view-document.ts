// One view document: what the server shows under a reserved root. Twice in memory: `shown` is durable and is what joining clients get; the
// draft is ahead of it by the patches whose commit is under way, and is made anew from `shown` when one fails.

import * as Y from 'yjs';
import type { StreamName } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { EntryPatch } from '../model/views.js';
import type { ClockRange } from './change.js';
import { rootOf } from './channels.js';
import type { Packet } from './outlet.js';
import { encodeDeletes } from './update-splice.js';

/** A connection that has the view document laid over its own: a session. */
export interface ViewSubscriber {
  offer(packet: Packet, entries: readonly { readonly ranges: readonly ClockRange[] }[]): void;
}

/** A view is rotated when so many of its structs are tombstones, and they are this many times the live ones (C6). */
const rotateFrom = 2_000;
const rotateFactor = 4;

export class ViewDocument {
  readonly stream: StreamName;
  readonly root: string;
  readonly subscribers = new Set<ViewSubscriber>();
  /** Weight of the updates since the last checkpoint, and of that checkpoint. */
  bytesSince = 0;
  checkpointBytes = 0;
  #client: number | null;
  #head: number;
  #shown: Y.Doc;
  #draft: Y.Doc;
  #emitted: Uint8Array | null = null;

  constructor(
    stream: StreamName,
    stored: { readonly client: number | null; readonly head: number; readonly state: Y.Doc },
  ) {
    this.stream = stream;
    this.root = rootOf(stream);
    this.#client = stored.client;
    this.#head = stored.head;
    this.#shown = stored.state;
    this.#draft = this.#draftOf(this.#shown);
  }

  /** The client id it is written under; `null` while it has never had content. */
  get client(): number | null {
    return this.#client;
  }

  /** Seq of the last event, drafted ones included. */
  get draftHead(): number {
    return this.#head;
  }

  /** What is durable. For reading alone. */
  get shown(): Y.Doc {
    return this.#shown;
  }

  /** The clock after the last item shown. */
  get clock(): number {
    return this.#client === null ? 0 : Y.getState(this.#shown.store, this.#client);
  }

  get isEmpty(): boolean {
    return this.#draft.getMap(this.root).size === 0;
  }

  keys(): readonly string[] {
    return [...this.#draft.getMap(this.root).keys()];
  }

  /** Gives it the client id of its first content. */
  begin(client: number): void {
    this.#client = client;
    this.#draft.clientID = client;
  }

  /** Carries out patches on the draft; the update to log and show, `null` when they change nothing. */
  draft(entries: readonly EntryPatch[]): Uint8Array | null {
    this.#emitted = null;
    this.#draft.transact(() => {
      const root = this.#draft.getMap<Y.Map<Json>>(this.root);
      for (const { key, fields } of entries) patchEntry(root, key, fields);
    });
    if (this.#emitted) this.#head += 1;
    return this.#emitted;
  }

  draftState(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#draft);
  }

  /** Mostly tombstones: an overwritten map entry leaves about ten bytes for ever. */
  get isWorn(): boolean {
    if (this.#client === null) return false;
    const clocks = Y.getState(this.#draft.store, this.#client);
    if (clocks < rotateFrom) return false;
    let live = 0;
    for (const entry of this.#draft.getMap<Y.Map<Json>>(this.root).values()) live += 1 + entry.size;
    return clocks > rotateFactor * live;
  }

  /**
   * Writes the content afresh under a new, higher client id (for a map key the higher id wins) and deletes the old one's range. The draft
   * becomes the new document; the update carries a client from the old one to it.
   */
  draftRotation(client: number): { readonly update: Uint8Array; readonly state: Uint8Array } {
    const retired = this.#client;
    const end = retired === null ? 0 : Y.getState(this.#draft.store, retired);
    const content = this.#draft.getMap<Y.Map<Json>>(this.root).toJSON() as Record<string, Record<string, Json>>;
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.transact(() => {
      const root = doc.getMap<Y.Map<Json>>(this.root);
      for (const [key, fields] of Object.entries(content)) patchEntry(root, key, fields);
    });
    this.#draft.destroy();
    this.#client = client;
    this.#draft = doc;
    this.#listen(doc);
    this.#head += 1;
    const state = Y.encodeStateAsUpdate(doc);
    return { state, update: retired === null ? state : withDeletedRange(state, retired, end) };
  }

  /** An update of the draft is durable: it is shown from now on. The clocks it brought. */
  reveal(update: Uint8Array): readonly ClockRange[] {
    const clock = this.clock;
    Y.applyUpdate(this.#shown, update);
    this.bytesSince += update.length;
    return this.#client === null ? [] : [{ client: this.#client, clock, end: this.clock }];
  }

  /** A rotation is durable: what is shown no longer knows the old client id. */
  revealRotation(state: Uint8Array): readonly ClockRange[] {
    const old = [...this.#shown.store.clients.keys()].map((client) => ({
      client,
      end: Y.getState(this.#shown.store, client),
    }));
    this.#shown.destroy();
    this.#shown = new Y.Doc();
    Y.applyUpdate(this.#shown, state);
    const fresh = this.#client === null ? [] : [{ client: this.#client, clock: 0, end: this.clock }];
    // Of the old id nothing is missing but its end.
    return [...fresh, ...old.map(({ client, end }) => ({ client, clock: end, end }))];
  }

  /** A commit failed: the draft is made anew from what is durable. */
  resetDraft(stored: { readonly client: number | null; readonly head: number }): void {
    this.#draft.destroy();
    this.#client = stored.client;
    this.#head = stored.head;
    this.#draft = this.#draftOf(this.#shown);
  }

  destroy(): void {
    this.#shown.destroy();
    this.#draft.destroy();
  }

  #draftOf(shown: Y.Doc): Y.Doc {
    const draft = copyOf(shown);
    // After the content is in: a document that is given an update under its own client id takes another one.
    if (this.#client !== null) draft.clientID = this.#client;
    this.#listen(draft);
    return draft;
  }

  #listen(draft: Y.Doc): void {
    draft.on('update', (update: Uint8Array) => {
      this.#emitted = update;
    });
  }
}

const copyOf = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

const patchEntry = (root: Y.Map<Y.Map<Json>>, key: string, fields: EntryPatch['fields']): void => {
  if (fields === null) {
    if (root.has(key)) root.delete(key);
    return;
  }
  let entry = root.get(key);
  if (!entry) {
    entry = new Y.Map<Json>();
    root.set(key, entry);
  }
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) {
      if (entry.has(field)) entry.delete(field);
    } else if (!entry.has(field) || !isSameJson(entry.get(field), value)) entry.set(field, value);
  }
};

/** JSON by value; member order counts, which errs on the side of writing. */
const isSameJson = (a: unknown, b: Json): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** The update and, besides, the deletion of a client's first `end` clocks. `update` must have an empty delete set. */
const withDeletedRange = (update: Uint8Array, client: number, end: number): Uint8Array =>
  Buffer.concat([update.subarray(0, update.length - 1), encodeDeletes([{ client, end }])]);
