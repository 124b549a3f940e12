// One view document: what the server shows under a reserved root. What is shown is durable and is what joining clients get; the draft is ahead
// of it by the changes whose commit is under way, and goes back to it when one fails.

import type { StreamName } from '../model/ids.js';
import type { EntryPatch } from '../model/views.js';
import type { ClockRange } from './change.js';
import { rootOf } from './channels.js';
import type { Packet } from './outlet.js';
import { joinParts, type Part } from './update-splice.js';
import { type Undo, ViewContent } from './view-content.js';
import { partFrom, type ViewItems } from './view-items.js';

/** A connection that has the view document laid over its own: a session. */
export interface ViewSubscriber {
  offer(packet: Packet, entries: readonly { readonly ranges: readonly ClockRange[] }[]): void;
}

/** What is to be seen of a view document. */
export interface ShownView {
  readonly root: string;
  /** The client id it is written under; `null` before its first content. */
  readonly client: number | null;
  /** By clock. */
  readonly shown: ViewItems;
  /** The clock after the last item shown. */
  readonly clock: number;
}

/** A view document as the log has it. */
export interface StoredView {
  /** `null` before its first content. */
  readonly content: ViewContent | null;
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

/** A draft whose commit is under way. */
interface Ahead {
  readonly content: ViewContent;
  readonly part: Part;
  /** `null` when it is the first of its content: to take it back is to go back to the content before. */
  readonly undo: Undo | null;
}

const nothing: ViewItems = [];
/** No structs, no deletes. */
const emptyPart: Part = { update: Uint8Array.of(0, 0), deletesAt: 1 };

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
  #stored: StoredView;
  /** What is to come is written here; `null` before the first content. */
  #draft: ViewContent | null;
  #ahead: Ahead[] = [];
  /** All of what is shown, until it changes: dashboards that come back together cost one encoding. */
  #whole: Part | null = null;
  #lift = 0;

  constructor(stream: StreamName, stored: StoredView) {
    this.stream = stream;
    this.root = rootOf(stream);
    this.#stored = stored;
    this.#draft = stored.content;
  }

  get client(): number | null {
    return this.#stored.content?.client ?? null;
  }

  /** What is durable. For reading at once. */
  get shown(): ViewItems {
    const { content } = this.#stored;
    return content === null ? nothing : content.before(this.#undosOf(content));
  }

  /** Seq of the last event that is shown. */
  get head(): number {
    return this.#stored.head;
  }

  get clock(): number {
    const { content } = this.#stored;
    return content === null ? 0 : (this.#undosOf(content)[0]?.length ?? content.items.length);
  }

  /** What somebody lacks who has the first `known` clocks. */
  part(known: number): Part {
    const { content } = this.#stored;
    if (content === null) return emptyPart;
    if (known > 0) return partFrom(known, this.shown, content);
    this.#whole ??= partFrom(0, this.shown, content);
    return this.#whole;
  }

  get draftClient(): number | null {
    return this.#draft?.client ?? null;
  }

  /** Seq of the last event, drafted ones included. */
  get draftHead(): number {
    return this.#stored.head + this.#ahead.length;
  }

  /** The client id that the next one must exceed. */
  get floor(): number {
    return Math.max(this.#draft?.client ?? 0, this.#stored.floor, this.#lift);
  }

  /** Some client holds content under the same root with this id: the next id must exceed it, or a map key of ours loses there. */
  lift(above: number): void {
    this.#lift = Math.max(this.#lift, above);
  }

  get isEmpty(): boolean {
    return this.#draft?.isEmpty ?? true;
  }

  /** Its turn among views that are due at the same time, from 0 to 1. */
  get turn(): number {
    return this.#draft?.turn ?? 0;
  }

  /** Mostly what is gone: time to write it afresh. */
  get isWorn(): boolean {
    return this.#draft?.isWorn ?? false;
  }

  /** Patches that lead from the draft to what is expected. */
  patchesTo(expected: readonly EntryPatch[]): readonly EntryPatch[] {
    return this.#draft?.patchesTo(expected) ?? expected;
  }

  /**
   * Carries out patches on the draft, under `client` where they are its first content, and keeps the highest keys alone where asked to; the
   * update to log and show, `null` when nothing changes.
   */
  draft(client: number, entries: readonly EntryPatch[], highest?: number): Uint8Array | null {
    const content = this.#draft ?? new ViewContent({ root: this.root, client });
    const change = content.change(entries, highest);
    if (!change) return null;
    return this.#goAhead({ content, part: change.part, undo: content === this.#draft ? change.undo : null });
  }

  /** Writes the content afresh under a new, higher client id (for a map key the higher id wins); the whole of it. */
  draftRotation(client: number): Uint8Array {
    const content = new ViewContent({ root: this.root, client });
    const change = content.change(this.#draft?.patches() ?? []);
    return this.#goAhead({ content, part: change?.part ?? emptyPart, undo: null });
  }

  /** All of the draft. */
  draftState(): Uint8Array {
    return (this.#draft === null ? emptyPart : partFrom(0, this.#draft.items, this.#draft)).update;
  }

  /** The earliest draft that was not shown yet is durable: it is shown from now on. */
  reveal(): ShownUpdate {
    const { client, clock, head } = this;
    const ahead = this.#ahead.shift();
    if (!ahead) throw new Error(`nothing of ${this.stream} is under way`);
    const { content, part } = ahead;
    this.#show({ content, floor: 0, head: head + 1 });
    if (client === null || client === content.client) this.bytesSince += part.update.length;
    return this.#shownUpdate(part, { client, clock });
  }

  /** The log turned out to be ahead of what is shown: this is what it has. */
  replace(stored: StoredView): ShownUpdate {
    const { client, clock } = this;
    this.#ahead = [];
    this.#draft = stored.content;
    this.#show(stored);
    return this.#shownUpdate(this.part(client === this.client ? clock : 0), { client, clock });
  }

  /** A commit failed: the draft is what is durable again. */
  resetDraft(): void {
    const { content } = this.#stored;
    content?.undo(this.#undosOf(content));
    this.#draft = content;
    this.#ahead = [];
  }

  #goAhead(ahead: Ahead): Uint8Array {
    this.#draft = ahead.content;
    this.#ahead.push(ahead);
    return ahead.part.update;
  }

  #show(stored: StoredView): void {
    this.#stored = stored;
    this.#whole = null;
  }

  /** What takes a content back to what is shown of it. */
  #undosOf(content: ViewContent): readonly Undo[] {
    return this.#ahead.flatMap((ahead) => (ahead.content === content && ahead.undo ? [ahead.undo] : []));
  }

  /** What `part` adds to what was shown before; under another client id it takes the place of that. */
  #shownUpdate(part: Part, former: { readonly client: number | null; readonly clock: number }): ShownUpdate {
    const { client, clock } = this;
    const from = client === former.client ? former.clock : 0;
    const added = client !== null && clock > from ? [{ client, clock: from, end: clock }] : [];
    if (former.client === null || former.client === client || former.clock === 0)
      return { update: part.update, ranges: added, retires: false };
    const gone = { client: former.client, end: former.clock };
    // Of the former id nothing is missing but its end.
    return { update: joinParts([part], [gone]), ranges: [...added, { ...gone, clock: gone.end }], retires: true };
  }
}
