// Channels laid over one connection's document: what its client is sent besides the document, and what of its frames is not the document's.
// Rules C2 to C5 of docs/channels.md. The document and its log never see any of it.

import type * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { StreamName, UserId } from '../model/ids.js';
import { channelOf, inboxView, isForeignInbox, rootOf } from './channels.js';
import { type ForeignSection, sortForeign } from './foreign-sections.js';
import type { PositionChannel } from './position-channel.js';
import type { UpdateLimits } from './update-limits.js';
import { type DeleteSection, joinUpdate, type ParsedUpdate, parseUpdate, type Section } from './update-parser.js';
import type { Part } from './update-splice.js';
import type { ViewClients } from './view-clients.js';
import type { ShownView, ViewDocument, ViewSubscriber } from './view-document.js';
import { touchesLive } from './view-items.js';
import { ViewLookUps } from './view-look-ups.js';
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
  /** `null` where no source tells positions: the channel is then silent. */
  readonly positions: PositionChannel | null;
}

/** What a client id says of what is written under it. */
interface Owner {
  readonly stream: StreamName;
  /** False once the view is written under another id. */
  readonly isLive: boolean;
  /** `null` when nothing is known of what it shows: its id is retired, or its stream is damaged. */
  readonly view: ShownView | null;
}

const positionsName = 'positions';
/** Of one connection. */
export const maxChannels = 100;
/** How many unknown client ids of one state vector are looked up. */
const maxLookUps = 1_000;
/** Foreign client ids that one connection may bring. */
const maxForeign = 1_000;

export class Overlay {
  readonly #options: OverlayOptions;
  readonly #views = new Map<string, ViewDocument>();
  readonly #subscribers = new Map<string, ViewSubscriber>();
  /** Clocks of view documents that the client is known to hold without being subscribed. */
  readonly #held = new Map<number, number>();
  /** Client ids whose sections were taken for another server's, and the root they wrote. */
  readonly #foreign = new Map<number, string>();
  readonly #lookUps: ViewLookUps;
  #closed = false;

  constructor(options: OverlayOptions) {
    this.#options = options;
    this.#lookUps = new ViewLookUps((stream) => options.views.lookUp(stream));
  }

  /** The names of the channels that are laid over. */
  get channels(): readonly string[] {
    return [...this.#subscribers.keys()];
  }

  /** Subscribes to a channel. Throws `bad-request` for names that are no channel, and for too many. */
  async subscribe(asked: string, subscriber: ViewSubscriber): Promise<void> {
    const { views, positions, userId } = this.#options;
    const channel = asked === positionsName ? { name: positionsName, view: null } : channelOf(asked, userId);
    if (!channel) throw new ContrailError('bad-request', `There is no channel "${asked.slice(0, 64)}".`);
    const { name } = channel;
    if (this.#subscribers.has(name)) return;
    if (this.#subscribers.size >= maxChannels)
      throw new ContrailError('bad-request', `A connection may have ${maxChannels} channels.`);
    this.#subscribers.set(name, subscriber);
    if (channel.view === null) {
      positions?.subscribe(subscriber);
      return;
    }
    try {
      const view = await views.subscribe(channel.view, subscriber);
      // It may have been given up meanwhile.
      if (this.#closed || this.#subscribers.get(name) !== subscriber) views.unsubscribe(view, subscriber);
      else this.#views.set(name, view);
    } catch (error) {
      this.#subscribers.delete(name);
      throw error;
    }
  }

  unsubscribe(asked: string): void {
    const name = asked === positionsName ? asked : (channelOf(asked, this.#options.userId)?.name ?? '');
    const subscriber = this.#subscribers.get(name);
    if (!subscriber) return;
    this.#subscribers.delete(name);
    if (name === positionsName) this.#options.positions?.unsubscribe(subscriber);
    const view = this.#views.get(name);
    if (!view) return;
    this.#views.delete(name);
    if (view.client !== null) this.#held.set(view.client, view.clock);
    this.#options.views.unsubscribe(view, subscriber);
  }

  close(): void {
    this.#closed = true;
    for (const name of this.channels) this.unsubscribe(name);
  }

  /** The clocks of what is laid over, for the union state vector: clients then do not send it back. */
  *clocks(): Iterable<readonly [client: number, clock: number]> {
    for (const view of this.#views.values()) if (view.client !== null) yield [view.client, view.clock];
  }

  /** What a client lacks of each view. A client id that the document has too is the document's: it hides the channel. */
  parts(known: ReadonlyMap<number, number>, doc: Y.Doc): readonly Part[] {
    const parts: Part[] = [];
    for (const view of this.#views.values())
      if (view.client !== null && !doc.store.clients.has(view.client))
        parts.push(view.part(known.get(view.client) ?? 0));
    return parts;
  }

  /** All of a channel, and what the client may still hold of it under former ids; `null` when it has no content. */
  whole(name: string): { readonly part: Part; readonly retractions: readonly Retraction[] } | null {
    const view = this.#views.get(channelOf(name, this.#options.userId)?.name ?? '');
    if (!view) return null;
    const retractions: Retraction[] = [];
    for (const [client, end] of this.#held) {
      const owner = this.#options.clients.find(client);
      if (owner?.view === view.stream && client !== view.client) retractions.push({ client, end });
    }
    return { part: view.part(0), retractions };
  }

  /** Everybody's last known position, as frames. */
  positions(): readonly Uint8Array[] {
    return this.#subscribers.has(positionsName) ? (this.#options.positions?.snapshot() ?? []) : [];
  }

  /** What a client holds that it should not: content of retired client ids, and other people's inboxes. */
  stale(held: ReadonlyMap<number, number>, doc: Y.Doc): readonly Retraction[] {
    const retractions: Retraction[] = [];
    let lookUps = 0;
    for (const [client, end] of held) {
      if (end === 0 || doc.store.clients.has(client)) continue;
      lookUps += 1;
      if (lookUps > maxLookUps) break;
      const owner = this.#ownerOf(client);
      if (!owner) continue;
      if (this.#isStale(owner)) retractions.push(this.#retract(client, end, owner));
      else this.#held.set(client, end);
    }
    return retractions;
  }

  /**
   * The update without what belongs to channels. Throws `server-owned` for what only the server may write: structs under a reserved root, hung on
   * channel content, or under a view's client id beyond what was ever shown; deletes of what is shown. Throws `ViewsWanted` when that cannot be said
   * without views that are not in memory.
   */
  strip(
    parsed: ParsedUpdate,
    doc: Y.Doc,
    from: { readonly isSync: boolean; readonly ownClient: number | null; readonly limits: UpdateLimits },
  ): Stripped {
    const owners = new Map<number, Owner>();
    const retractions: Retraction[] = [];
    const ownerOf = (client: number) => (doc.store.clients.has(client) ? null : this.#ownerOf(client));
    this.#lookUps.begin(parsed, (client) => {
      const owner = ownerOf(client);
      return owner?.isLive && !owner.view ? owner.stream : null;
    });
    for (const { client, end } of parsed.sections) {
      const owner = ownerOf(client);
      if (!owner) continue;
      if (owner.isLive && owner.view && end > owner.view.clock) throw violation(rootOf(owner.stream));
      owners.set(client, owner);
      if (this.#isStale(owner)) retractions.push(this.#retract(client, end, owner));
    }
    const others = parsed.sections.filter(({ client }) => !owners.has(client));
    const foreign = this.#foreignIn(others, doc, from);
    for (const [client, { section }] of foreign) retractions.push({ client, end: section.end });
    const rootBehind = (client: number): string | null => {
      const owner = owners.get(client) ?? ownerOf(client);
      return owner ? rootOf(owner.stream) : (foreign.get(client)?.root ?? null);
    };
    for (const section of others) if (!foreign.has(section.client)) refuseHangers(section, rootBehind);
    for (const deletes of parsed.deletes) {
      const owner = foreign.has(deletes.client) ? null : ownerOf(deletes.client);
      if (!owner) continue;
      owners.set(deletes.client, owner);
      this.#checkDeletes(deletes, owner, from.isSync ? foreign : null);
    }
    if (owners.size === 0 && foreign.size === 0) return { update: parsed, retractions };
    const isDropped = ({ client }: { readonly client: number }) => owners.has(client) || foreign.has(client);
    const kept = joinUpdate(
      parsed,
      (section) => !isDropped(section),
      (deletes) => !isDropped(deletes),
    );
    return { update: parseUpdate(kept, from.limits), retractions };
  }

  #ownerOf(client: number): Owner | null {
    const found = this.#options.clients.find(client);
    if (!found) return null;
    const open = this.#options.views.peek(found.view);
    const view = open ?? this.#lookUps.of(found.view);
    // The log may be a moment ahead of what is shown: then what is shown decides.
    return { stream: found.view, view, isLive: open ? open.client === client : found.live };
  }

  #isStale({ isLive, stream }: Owner): boolean {
    return !isLive || isForeignInbox(stream, this.#options.userId);
  }

  /** What is deleted from a browser that two people share would be missing there when its owner comes back: that inbox is written afresh (C6). */
  #retract(client: number, end: number, { isLive, stream }: Owner): Retraction {
    if (isLive) this.#options.views.rotateSoon(stream);
    return { client, end };
  }

  /** Sections of some other server's view documents. What was taken for one and then goes on writing was the client's own. */
  #foreignIn(
    sections: readonly Section[],
    doc: Y.Doc,
    from: { readonly isSync: boolean; readonly ownClient: number | null },
  ): ReadonlyMap<number, ForeignSection> {
    if (!from.isSync) {
      for (const { client } of sections) {
        const root = this.#foreign.get(client);
        if (root !== undefined) throw violation(root);
      }
    }
    const foreign = sortForeign(sections, doc, { ...from, refuse: (root) => throwViolation(root) });
    for (const [client, { root }] of foreign) {
      // No honest browser has met so many servers.
      if (this.#foreign.size >= maxForeign) throw violation(root);
      this.#foreign.set(client, root);
      for (const view of this.#views.values()) if (view.root === root) this.#options.views.outbid(view.stream, client);
    }
    return foreign;
  }

  /**
   * Deletes of what is shown are a violation, but for two cases in which a client's whole state has them through no fault of its own: a browser that
   * two people share, where an inbox was retracted for the other (C4), and foreign content of a higher id, which wins over the same keys of ours.
   */
  #checkDeletes(
    deletes: DeleteSection,
    { stream, view, isLive }: Owner,
    foreign: ReadonlyMap<number, ForeignSection> | null,
  ): void {
    if (!isLive || !view || !touchesLive(view.shown, deletes.ranges)) return;
    if (foreign && stream.startsWith('view/')) {
      if (stream === inboxView(this.#options.userId)) this.#options.views.rotateSoon(stream);
      return;
    }
    const isOutbid = [...(foreign ?? [])].some(([client, { root }]) => root === view.root && client > deletes.client);
    if (!isOutbid) throw violation(view.root);
  }
}

const violation = (root: string): ContrailError =>
  new ContrailError('server-owned', `the server alone writes "${root}"`);

const throwViolation = (root: string): never => {
  throw violation(root);
};

/** Throws when a struct of the section stands beside or inside channel content. */
const refuseHangers = ({ client, structs }: Section, rootBehind: (client: number) => string | null): void => {
  for (const { origin, rightOrigin, parent } of structs) {
    for (const id of [origin, rightOrigin, typeof parent === 'string' ? null : parent]) {
      const root = id && id.client !== client ? rootBehind(id.client) : null;
      if (root !== null) throw violation(root);
    }
  }
};
