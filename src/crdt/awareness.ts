// Presence of one room: who is where, as raw JSON per Yjs client id. Not y-protocols' Awareness: that one keeps a timer per document,
// merges what anybody says about anybody, and would let one connection speak for another.

import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { type AwarenessEntry, encodeAwareness } from './protocol.js';

interface Presence {
  clock: number;
  /** JSON text; `null` once removed. */
  state: string | null;
  owner: object | null;
  /** Whose it is; once removed, whose it last was. */
  userId: UserId;
  fields: StateFields;
}

/** What the server reads of a state. */
export interface StateFields {
  readonly away: boolean;
  readonly typing: boolean;
}

/** Up to 8 connections every change goes out by itself; from 64 on they share windows of 33 ms (docs/wire.md, "Awareness"). */
export const awarenessWindowMs = (connections: number): number =>
  connections <= 8 ? 0 : connections >= 64 ? 33 : Math.round(((connections - 8) / 56) * 33);

/** Removed clients whose clock and person are remembered, so that they can come back and nobody else can come as them. */
const maxRemembered = 10_000;
const noFields: StateFields = { away: false, typing: false };

export class AwarenessMap {
  readonly #presences = new Map<number, Presence>();
  readonly #owned = new Map<object, number>();
  readonly #changed = new Set<number>();
  /** Clients without a connection, in the order in which they went. */
  readonly #removed = new Set<number>();

  /**
   * Takes what a connection says of itself; what it says of others is dropped without comment (the stock client re-sends its peers).
   * Whether it said anything new: a renewal by the stock client, every 15 s, does not. Throws `malformed` when its own state is no object.
   */
  receive(owner: object, actor: Actor, entries: readonly AwarenessEntry[]): boolean {
    let changed = false;
    for (const { client, clock, state } of entries) {
      // Ids beyond those of documents are the server's own (position-channel.ts).
      if (client >= 2 ** 32) continue;
      const own = this.#owned.get(owner);
      if (own !== undefined && own !== client) continue;
      const known = this.#presences.get(client);
      if (known && (known.owner ? known.owner !== owner : known.userId !== actor.userId)) continue;
      if (own === undefined) {
        if (state === 'null') continue;
      } else if (
        known &&
        (clock < known.clock || (clock === known.clock && !(state === 'null' && known.state !== null)))
      )
        continue;
      const stamped = state === 'null' ? null : stampUser(state, actor);
      this.#owned.set(owner, client);
      // A connection that comes back announces itself with the clock it had; its peers saw that clock removed and want a higher one.
      const next = own === undefined && known ? Math.max(clock, known.clock + 1) : clock;
      changed ||= stamped?.text !== known?.state;
      this.#removed.delete(client);
      this.#presences.set(client, {
        clock: next,
        state: stamped?.text ?? null,
        owner,
        userId: actor.userId,
        fields: stamped?.fields ?? noFields,
      });
      this.#changed.add(client);
    }
    return changed;
  }

  /** The connection is gone: its state is removed for all. */
  release(owner: object): void {
    const client = this.#owned.get(owner);
    if (client === undefined) return;
    this.#owned.delete(owner);
    const known = this.#presences.get(client);
    if (!known) return;
    if (known.state !== null) this.#changed.add(client);
    this.#presences.set(client, { ...known, state: null, owner: null, fields: noFields });
    this.#removed.add(client);
    const [oldest] = this.#removed;
    if (this.#removed.size <= maxRemembered || oldest === undefined) return;
    this.#removed.delete(oldest);
    this.#presences.delete(oldest);
  }

  /** How many connections have a state. */
  get size(): number {
    let size = 0;
    for (const client of this.#owned.values()) if (this.#presences.get(client)?.state !== null) size += 1;
    return size;
  }

  get dirty(): boolean {
    return this.#changed.size > 0;
  }

  /** One frame with the newest state of each client that changed since the last call. */
  takeChanges(): Uint8Array {
    const entries: AwarenessEntry[] = [];
    for (const client of this.#changed) {
      const presence = this.#presences.get(client);
      if (presence) entries.push({ client, clock: presence.clock, state: presence.state ?? 'null' });
    }
    this.#changed.clear();
    return encodeAwareness(entries);
  }

  /** One frame with everybody's state; `null` when nobody has one. */
  snapshot(): Uint8Array | null {
    const entries: AwarenessEntry[] = [];
    for (const [client, { clock, state }] of this.#presences)
      if (state !== null) entries.push({ client, clock, state });
    return entries.length === 0 ? null : encodeAwareness(entries);
  }

  /** The states by owner, parsed, for REST. */
  states(): readonly { readonly client: number; readonly owner: object; readonly state: JsonObject }[] {
    const list = [];
    for (const [client, { state, owner }] of this.#presences) {
      if (state !== null && owner) list.push({ client, owner, state: JSON.parse(state) as JsonObject });
    }
    return list;
  }

  clientOf(owner: object): number | undefined {
    return this.#owned.get(owner);
  }

  /** What the connection's own state says to the server. */
  fieldsOf(owner: object): StateFields {
    const client = this.#owned.get(owner);
    return (client === undefined ? undefined : this.#presences.get(client)?.fields) ?? noFields;
  }
}

/** Writes the actor's id, and their name where authentication knows one, into the state's `user`: nobody can appear as somebody else. */
const stampUser = (text: string, actor: Actor): { readonly text: string; readonly fields: StateFields } => {
  const state: unknown = JSON.parse(text);
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    throw new ContrailError('malformed', 'an awareness state is a JSON object');
  const own = state as Record<string, unknown>;
  const fields = { away: own['status'] === 'away', typing: own['typing'] === true };
  const given = own['user'];
  const user =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Record<string, unknown>) : {};
  if (user === given && user['id'] === actor.userId && (actor.name === null || user['name'] === actor.name))
    return { text, fields };
  const stamped: Record<string, unknown> = { ...user, id: actor.userId };
  if (actor.name !== null) stamped['name'] = actor.name;
  return { text: JSON.stringify({ ...own, user: stamped }), fields };
};
