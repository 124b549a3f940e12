// Channels laid over one connection's document: what its client is sent besides the document, and what of its frames is not the document's.
// Rules C2 to C5 of docs/channels.md. The document and its log never see any of it.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import { type Channel, channelOf, inboxView, isForeignInbox, isReservedRoot, rootOf } from './channels.js';
import { sortForeign } from './foreign-sections.js';
import type { UpdateLimits } from './update-limits.js';
import { type DeleteSection, joinUpdate, type ParsedUpdate, parseUpdate } from './update-parser.js';
import type { Part } from './update-splice.js';
import { partOf } from './update-splice.js';
import type { ViewClients } from './view-clients.js';
import type { ViewDocument, ViewSubscriber } from './view-document.js';
import type { Views } from './views.js';

/** A client's clocks 0 to `end - 1`, to be deleted from what the connection's client holds. */
export interface Retraction {
  readonly client: number;
  readonly end: number;
}

export interface Stripped {
  readonly update: ParsedUpdate;
  readonly retractions: readonly Retraction[];
}

export interface OverlayOptions {
  readonly views: Views;
  readonly clients: ViewClients;
  readonly userId: UserId;
  readonly now: () => number;
}

const rotationIntervalMs = 60_000;
/** How many unknown client ids of one state vector are looked up. */
const maxLookUps = 1_000;

export class Overlay {
  readonly #options: OverlayOptions;
  readonly #views = new Map<string, ViewDocument>();
  #subscriber: ViewSubscriber | null = null;
  #rotatedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OverlayOptions) {
    this.#options = options;
  }

  /** The names of the channels that are laid over. */
  get channels(): readonly string[] {
    return [...this.#views.keys()];
  }

  /** Subscribes to a channel; the view, `null` when it was subscribed already. Throws `bad-request` for names that are no channel. */
  async subscribe(name: string, subscriber: ViewSubscriber): Promise<ViewDocument | null> {
    if (this.#views.has(name)) return null;
    const channel = this.#channel(name);
    this.#subscriber = subscriber;
    const view = await this.#options.views.subscribe(channel.view, subscriber);
    this.#views.set(name, view);
    return view;
  }

  unsubscribe(name: string): void {
    const view = this.#views.get(name);
    if (!view || !this.#subscriber) return;
    this.#views.delete(name);
    this.#options.views.unsubscribe(view, this.#subscriber);
  }

  close(): void {
    for (const name of this.channels) this.unsubscribe(name);
  }

  /** The clocks of what is laid over, for the union state vector: clients then do not send it back. */
  *clocks(): Iterable<readonly [client: number, clock: number]> {
    for (const view of this.#views.values()) if (view.client !== null) yield [view.client, view.clock];
  }

  /** What the client lacks of each view. */
  parts(known: ReadonlyMap<number, number>): readonly Part[] {
    return [...this.#views.values()].map((view) => {
      const clock = view.client === null ? undefined : known.get(view.client);
      return partOf(
        view.shown,
        Y.encodeStateVector(new Map(view.client === null || clock === undefined ? [] : [[view.client, clock]])),
      );
    });
  }

  /** What a client holds that it should not: content of retired client ids, and other people's inboxes. */
  stale(held: ReadonlyMap<number, number>, doc: Y.Doc): readonly Retraction[] {
    const retractions: Retraction[] = [];
    let lookUps = 0;
    for (const [client, end] of held) {
      if (end === 0 || doc.store.clients.has(client)) continue;
      lookUps += 1;
      if (lookUps > maxLookUps) break;
      const found = this.#options.clients.find(client);
      if (found && (!found.live || isForeignInbox(found.view, this.#options.userId))) retractions.push({ client, end });
    }
    return retractions;
  }

  /**
   * The update without what belongs to channels. Throws `server-owned` for what only the server may write: structs under a reserved root, hung on
   * channel content, or under a view's client id beyond what was ever shown; deletes of what is shown.
   */
  strip(
    parsed: ParsedUpdate,
    doc: Y.Doc,
    from: { readonly isSync: boolean; readonly ownClient: number | null; readonly limits: UpdateLimits },
  ): Stripped {
    const dropped = new Set<number>();
    const retractions: Retraction[] = [];
    const viewOf = (client: number) => (doc.store.clients.has(client) ? null : this.#options.clients.find(client));
    for (const { client, end, structs } of parsed.sections) {
      const owner = viewOf(client);
      if (owner) {
        const view = this.#options.views.peek(owner.view);
        if (owner.live && view && end > view.clock) throw violation(rootOf(owner.view));
        dropped.add(client);
        if (!owner.live || isForeignInbox(owner.view, this.#options.userId)) retractions.push({ client, end });
        continue;
      }
      for (const { origin, rightOrigin, parent } of structs) {
        for (const id of [origin, rightOrigin, typeof parent === 'string' ? null : parent]) {
          const touched = id && id.client !== client ? viewOf(id.client) : null;
          if (touched) throw violation(rootOf(touched.view));
        }
      }
    }
    for (const client of sortForeign(parsed, doc, {
      ...from,
      dropped,
      isReserved: isReservedRoot,
      refuse: (root) => {
        throw violation(root);
      },
    })) {
      const section = parsed.sections.find((candidate) => candidate.client === client);
      dropped.add(client);
      if (section) retractions.push({ client, end: section.end });
    }
    for (const deletes of parsed.deletes) {
      if (dropped.has(deletes.client) && !viewOf(deletes.client)) continue;
      const owner = viewOf(deletes.client);
      if (!owner) continue;
      dropped.add(deletes.client);
      if (owner.live) this.#checkDeletes(deletes, owner.view, from.isSync);
    }
    if (dropped.size === 0) return { update: parsed, retractions };
    const kept = joinUpdate(
      parsed,
      ({ client }) => !dropped.has(client),
      ({ client }) => !dropped.has(client),
    );
    return { update: parseUpdate(kept, from.limits), retractions };
  }

  /** Deletes of what is shown are a violation, except of a shared browser's: there the person's inbox was retracted for somebody else. */
  #checkDeletes(deletes: DeleteSection, stream: ViewDocument['stream'], isSync: boolean): void {
    const view = this.#options.views.peek(stream);
    if (!view || !deletesShown(view, deletes)) return;
    if (!isSync || stream !== inboxView(this.#options.userId)) throw violation(view.root);
    const now = this.#options.now();
    if (now - this.#rotatedAt < rotationIntervalMs) return;
    this.#rotatedAt = now;
    // A failing log is told by the log; the inbox then stays hidden in this browser until the next time.
    this.#options.views.rotate(stream).catch(() => undefined);
  }

  #channel(name: string): Channel {
    const channel = channelOf(name, this.#options.userId);
    if (!channel) throw new ContrailError('bad-request', `There is no channel "${name}".`);
    return channel;
  }
}

const violation = (root: string): ContrailError =>
  new ContrailError('server-owned', `the server alone writes "${root}"`);

/** Whether the ranges touch anything that is shown, or claim clocks that never were. */
const deletesShown = (view: ViewDocument, { client, ranges }: DeleteSection): boolean => {
  const structs = view.shown.store.clients.get(client) ?? [];
  return ranges.some(({ clock, length }) => {
    if (clock + length > view.clock) return true;
    for (let index = Y.findIndexSS(structs, clock); index < structs.length; index += 1) {
      const struct = structs[index];
      if (!struct || struct.id.clock >= clock + length) return false;
      if (!struct.deleted) return true;
    }
    return false;
  });
};
