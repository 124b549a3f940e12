// One view document: what the server shows under a reserved root. What is shown is durable and is what joining clients get; the draft is ahead
// of it by the patches whose commit is under way, and is made anew from what is shown when one fails. Only the draft is a document all the
// time. Mostly nothing is under way, and then it is what is shown; for the rest of the time that is kept as bytes.

import * as Y from 'yjs';
import type { StreamName } from '../model/ids.js';
import type { EntryPatch } from '../model/views.js';
import { type ClockRange, rangesOf } from './change.js';
import { rootOf } from './channels.js';
import { EncodedState } from './encoded-state.js';
import type { Packet } from './outlet.js';
import { joinParts, type Part, partOf } from './update-splice.js';
import { type EntryMap, keysAfter, patchEntry, patchesTo } from './view-patch.js';

/** A connection that has the view document laid over its own: a session. */
export interface ViewSubscriber {
  offer(packet: Packet, entries: readonly { readonly ranges: readonly ClockRange[] }[]): void;
}

/** What is to be seen of a view document. */
export interface ShownView {
  readonly root: string;
  /** The client id it is written under; `null` before its first content. */
  readonly client: number | null;
  readonly shown: Y.Doc;
  /** The clock after the last item shown. */
  readonly clock: number;
}

/** A view document as the log has it. */
export interface StoredView {
  readonly doc: Y.Doc;
  /** The client id it is written under; `null` before its first content. */
  readonly client: number | null;
  /** The next client id must be higher: that of content which clients may hold although the log has lost it; else 0. */
  readonly floor: number;
  /** Seq of its last event. */
  readonly head: number;
}

/** An update for those who have what was shown before it. */
export interface ShownUpdate {
  readonly update: Uint8Array;
  readonly ranges: readonly ClockRange[];
  /** It deletes another client id's content: who joins after it does not know that id, and must not get it. */
  readonly retires: boolean;
}

/** What is to be known of a view without its document; `clock` is the one after the last item. */
type Facts = Omit<StoredView, 'doc'> & { readonly clock: number };

/** A view is rotated when it is stored in so many pieces, and they are this many times the live ones (C6). */
const rotateFrom = 2_000;
const rotateFactor = 4;

export class ViewDocument implements ShownView {
  readonly stream: StreamName;
  readonly root: string;
  readonly subscribers = new Set<ViewSubscriber>();
  /** A domain writes it whether or not somebody looks: it then stays in memory while it has content. */
  kept = false;
  /** Whether it has been made to show what the projections hold since it was loaded. */
  compared = false;
  /** Weight of the updates since the last checkpoint, and of that checkpoint. */
  bytesSince = 0;
  checkpointBytes = 0;
  #shown: Facts;
  #bytes: EncodedState;
  /** What is shown as a document, while somebody needed that and the draft was not it. */
  #apart: Y.Doc | null = null;
  #draft: StoredView;
  /** The clock after each draft whose commit is under way. */
  #ahead: number[] = [];
  #emitted: Uint8Array | null = null;
  /** All of what is shown, until it changes: dashboards that come back together cost one encoding. */
  #whole: Part | null = null;
  /** The draft's keys in order, while only patches that ask for them come: walking through the map meets all keys that ever were. */
  #keys: readonly string[] | null = null;
  #lift = 0;
  /** How many pieces the draft may have before its wear is looked at again. */
  #wornAt = rotateFrom;

  constructor(stream: StreamName, stored: StoredView) {
    this.stream = stream;
    this.root = rootOf(stream);
    this.#shown = factsOf(stored);
    this.#bytes = new EncodedState(stored.doc);
    this.#draft = this.#draftOf(stored.doc);
  }

  /** The client id of what is shown; `null` while it has never had content. */
  get client(): number | null {
    return this.#shown.client;
  }

  /** What is durable. For reading alone. */
  get shown(): Y.Doc {
    if (this.#apart === null && this.#ahead.length === 0) return this.#draft.doc;
    this.#apart ??= this.#bytes.toDocument();
    return this.#apart;
  }

  /** Seq of the last event that is shown. */
  get head(): number {
    return this.#shown.head;
  }

  /** The clock after the last item shown. */
  get clock(): number {
    return this.#shown.clock;
  }

  /** What somebody lacks who has the first `known` clocks. */
  part(known: number): Part {
    const { client } = this.#shown;
    if (client !== null && known > 0) return partOf(this.shown, Y.encodeStateVector(new Map([[client, known]])));
    this.#whole ??= partOf(this.shown, Y.encodeStateVector(new Map()));
    return this.#whole;
  }

  get draftClient(): number | null {
    return this.#draft.client;
  }

  /** Seq of the last event, drafted ones included. */
  get draftHead(): number {
    return this.#draft.head;
  }

  /** The client id that the next one must exceed. */
  get floor(): number {
    return Math.max(this.#draft.client ?? 0, this.#draft.floor, this.#lift);
  }

  /** Some client holds content under the same root with this id: the next id must exceed it, or a map key of ours loses there. */
  lift(above: number): void {
    this.#lift = Math.max(this.#lift, above);
  }

  get isEmpty(): boolean {
    return this.#entries(this.#draft.doc).size === 0;
  }

  /** Says under which client id the next patches are written. */
  begin(client: number): void {
    this.#draft.doc.clientID = client;
  }

  /** Patches that lead from the draft to what is expected. */
  patchesTo(expected: readonly EntryPatch[]): readonly EntryPatch[] {
    return patchesTo(this.#entries(this.#draft.doc), expected);
  }

  /** Carries out patches on the draft, and keeps the highest keys alone where asked to; the update to log and show, `null` when nothing changes. */
  draft(entries: readonly EntryPatch[], highest?: number): Uint8Array | null {
    const { doc } = this.#draft;
    this.#emitted = null;
    doc.transact(() => {
      const root = this.#entries(doc);
      for (const entry of entries) patchEntry(root, entry);
      if (highest === undefined) this.#keys = null;
      else {
        const keys = keysAfter(this.#keys ?? root.keys(), entries);
        this.#keys = keys.slice(-highest);
        for (const key of keys.slice(0, -highest)) root.delete(key);
      }
    });
    if (this.#emitted) this.#drafted({ ...this.#draft, client: doc.clientID });
    return this.#emitted;
  }

  draftState(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#draft.doc);
  }

  /**
   * Mostly tombstones: an overwritten map entry leaves a piece of about ten bytes for ever. Entries that are gone leave next to nothing:
   * their pieces lie side by side and become one.
   */
  get isWorn(): boolean {
    const { client, doc } = this.#draft;
    const pieces = client === null ? 0 : (doc.store.clients.get(client)?.length ?? 0);
    if (pieces < this.#wornAt) return false;
    let live = 0;
    for (const entry of this.#entries(doc).values()) live += 1 + entry.size;
    this.#wornAt = Math.max(rotateFrom, Math.min(rotateFactor * live, pieces + live));
    return pieces > rotateFactor * live;
  }

  /**
   * Writes the content afresh under a new, higher client id (for a map key the higher id wins). The draft becomes the new document, whose
   * state is returned; `replace` makes of it what carries a client from the old one to it.
   */
  draftRotation(client: number): Uint8Array {
    const old = this.#draft;
    const content = Object.entries(this.#entries(old.doc).toJSON()) as [string, EntryPatch['fields']][];
    const doc = new Y.Doc();
    doc.clientID = client;
    doc.transact(() => {
      const root = this.#entries(doc);
      for (const [key, fields] of content) patchEntry(root, { key, fields });
    });
    this.#drafted({ doc, client, floor: 0, head: old.head });
    this.#listen(doc);
    this.#wornAt = rotateFrom;
    old.doc.destroy();
    return Y.encodeStateAsUpdate(doc);
  }

  /** The earliest update of the draft that was not shown yet is durable: it is shown from now on. */
  reveal(update: Uint8Array, client: number): ShownUpdate {
    this.bytesSince += update.length;
    this.#bytes.add(update);
    const clock = this.#ahead.shift() ?? this.#shown.clock;
    this.#shown = { ...this.#shown, client, clock, head: this.#shown.head + 1 };
    this.#whole = null;
    if (this.#ahead.length === 0) this.#dropApart();
    else if (this.#apart) Y.applyUpdate(this.#apart, update);
    if (this.#bytes.isLong) this.#bytes = new EncodedState(this.shown);
    return { update, ranges: rangesOf(update), retires: false };
  }

  /**
   * Another document is shown: a rotation is durable, or the log turned out to be ahead of what is shown. What is under the old client id
   * is deleted when it is not the new one's.
   */
  replace(stored: StoredView): ShownUpdate {
    const { client, clock } = this.#shown;
    const part = partOf(stored.doc, Y.encodeStateVector(client === null ? new Map() : new Map([[client, clock]])));
    const end = client === stored.client ? 0 : clock;
    this.#dropApart();
    this.#ahead.shift();
    this.#shown = factsOf(stored);
    this.#bytes = new EncodedState(stored.doc);
    this.#apart = stored.doc;
    this.#whole = null;
    if (client === null || end === 0) return { update: part.update, ranges: rangesOf(part.update), retires: false };
    // Of the old id nothing is missing but its end.
    const ranges = [...rangesOf(part.update), { client, clock: end, end }];
    return { update: joinParts([part], [{ client, end }]), ranges, retires: true };
  }

  /** A commit failed: the draft is made anew from what is durable. */
  resetDraft(): void {
    this.#keys = null;
    this.#ahead = [];
    this.#draft.doc.destroy();
    this.#draft = this.#draftOf(this.#bytes.toDocument());
    this.#dropApart();
  }

  destroy(): void {
    this.#dropApart();
    this.#draft.doc.destroy();
  }

  #drafted(draft: StoredView): void {
    this.#draft = { ...draft, head: draft.head + 1 };
    this.#ahead.push(clockOf(draft));
  }

  #dropApart(): void {
    this.#apart?.destroy();
    this.#apart = null;
  }

  #entries(doc: Y.Doc): EntryMap {
    return doc.getMap(this.root);
  }

  #draftOf(doc: Y.Doc): StoredView {
    const { client, floor, head } = this.#shown;
    // After the content is in: a document that is given an update under its own client id takes another one.
    if (client !== null) doc.clientID = client;
    this.#listen(doc);
    return { doc, client, floor, head };
  }

  #listen(doc: Y.Doc): void {
    doc.on('update', (update: Uint8Array) => {
      this.#emitted = update;
    });
  }
}

const clockOf = ({ client, doc }: StoredView): number => (client === null ? 0 : Y.getState(doc.store, client));

const factsOf = ({ doc, ...facts }: StoredView): Facts => ({ ...facts, clock: clockOf({ doc, ...facts }) });
