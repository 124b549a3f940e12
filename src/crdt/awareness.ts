// Presence of one room: who is where, as raw JSON per Yjs client id. Not y-protocols' Awareness: that one keeps a timer per document,
// merges what anybody says about anybody, and would let one connection speak for another.

import type { Actor } from '../model/actor.js';
import type { JsonObject } from '../model/json.js';
import { type AwarenessEntry, encodeAwareness } from './protocol.js';

interface Presence {
  clock: number;
  /** JSON text; `null` once removed. */
  state: string | null;
  owner: object | null;
}

/** Up to 8 connections every change goes out by itself; from 64 on they share windows of 33 ms (docs/wire.md, "Awareness"). */
export const awarenessWindowMs = (connections: number): number =>
  connections <= 8 ? 0 : connections >= 64 ? 33 : Math.round(((connections - 8) / 56) * 33);

const maxRemembered = 10_000;

export class AwarenessMap {
  readonly #presences = new Map<number, Presence>();
  readonly #owned = new Map<object, number>();
  readonly #changed = new Set<number>();

  /** Takes what a connection says of itself; what it says of others is dropped without comment (the stock client re-sends its peers). */
  receive(owner: object, actor: Actor, entries: readonly AwarenessEntry[]): void {
    for (const { client, clock, state } of entries) {
      // Ids beyond those of documents are the server's own (position-channel.ts).
      if (client >= 2 ** 32) continue;
      const own = this.#owned.get(owner);
      if (own !== undefined && own !== client) continue;
      const known = this.#presences.get(client);
      if (known?.owner && known.owner !== owner) continue;
      if (own === undefined) {
        if (state === 'null') continue;
        this.#owned.set(owner, client);
      } else if (
        known &&
        (clock < known.clock || (clock === known.clock && !(state === 'null' && known.state !== null)))
      )
        continue;
      const stamped = state === 'null' ? null : stampUser(state, actor);
      // A connection that comes back announces itself with the clock it had; its peers saw that clock removed and want a higher one.
      const next = own === undefined && known ? Math.max(clock, known.clock + 1) : clock;
      this.#presences.set(client, { clock: next, state: stamped, owner });
      this.#changed.add(client);
    }
  }

  /** The connection is gone: its state is removed for all. */
  release(owner: object): void {
    const client = this.#owned.get(owner);
    if (client === undefined) return;
    this.#owned.delete(owner);
    const known = this.#presences.get(client);
    if (!known) return;
    const visible = known.state !== null;
    this.#presences.delete(client);
    if (this.#presences.size < maxRemembered)
      this.#presences.set(client, { clock: known.clock, state: null, owner: null });
    if (visible) this.#changed.add(client);
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
}

/** Writes the actor's id, and their name where authentication knows one, into the state's `user`: nobody can appear as somebody else. */
const stampUser = (text: string, actor: Actor): string => {
  const state: unknown = JSON.parse(text);
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return text;
  const fields = state as Record<string, unknown>;
  const given = fields['user'];
  const user =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Record<string, unknown>) : {};
  if (user === given && user['id'] === actor.userId && (actor.name === null || user['name'] === actor.name))
    return text;
  const stamped: Record<string, unknown> = { ...user, id: actor.userId };
  if (actor.name !== null) stamped['name'] = actor.name;
  return JSON.stringify({ ...fields, user: stamped });
};
