// Broadcasts. To all: one event and one row, whoever many they are. To a list, or to those online: one event that names the recipients,
// then their entries slice by slice, each slice one commit.

import { ContrailError } from '../model/errors.js';
import type { UserId } from '../model/ids.js';
import type { Background } from './background.js';
import type { BroadcastReader, BroadcastStatus, Delivery } from './broadcast-reader.js';
import { type Desk, reframeViews, showArrival, sliceSize } from './desk.js';
import { type BroadcastAccepted, broadcastAccepted, broadcastStream, progressed, recalled } from './facts.js';
import { type Content, rankOf, urgentRank } from './notification.js';
import { localMinute } from './preferences.js';
import type { Audience, BroadcastTo } from './request.js';
import { post } from './sender.js';

export interface Accepted {
  readonly broadcastId: string;
  readonly audience: Audience;
  readonly total: number;
}

/**
 * ### Exactly once
 * A slice is one commit: a `progress` event in the broadcast's stream, whose `expect` is that no other slice came in between, and one
 * `notified` event for each recipient. The projection counts both in the same transaction, so after a crash delivery goes on with the
 * first recipient who has nothing; a slice logged twice would break `UNIQUE(stream, seq)`, and an entry made twice `notify_entry_once`.
 */
export class Broadcasts {
  readonly #desk: Desk;
  readonly #reader: BroadcastReader;
  readonly #online: () => readonly UserId[];
  readonly #background: Background;
  /** Lists being delivered. */
  readonly #running = new Set<string>();

  constructor(
    desk: Desk,
    background: Background,
    { reader, online }: { readonly reader: BroadcastReader; readonly online: () => readonly UserId[] },
  ) {
    this.#desk = desk;
    this.#background = background;
    this.#reader = reader;
    this.#online = online;
  }

  /** Goes on with what an earlier run of the server left unfinished. */
  resume(): void {
    for (const id of this.#reader.unfinished()) this.#start(id);
  }

  /** Resolves once it is logged; a list is delivered afterwards. */
  async accept(to: BroadcastTo, { content, actor }: { content: Content; actor: UserId }): Promise<Accepted> {
    const { audience } = to;
    const recipients =
      to.audience === 'list' ? to.userIds : to.audience === 'online' ? [...new Set(this.#online())] : null;
    const fact: BroadcastAccepted =
      recipients === null ? { content, audience, ...this.#toAll(content) } : { content, audience, recipients };
    const now = this.#desk.clock.now();
    const replaced = content.collapseKey === undefined ? [] : this.#reader.withKey(content.collapseKey, now);
    const broadcastId = this.#desk.nextId();
    await this.#desk.commit({ events: [broadcastAccepted(broadcastId, { actor, at: now }, fact)], views: [] });
    if (content.expiresAt !== undefined) this.#desk.expects(content.expiresAt, []);
    if (audience !== 'all') this.#start(broadcastId);
    else if (replaced.length > 0) this.#reframe([broadcastId, ...replaced]);
    else this.#background.start(() => showArrival(this.#desk, this.#desk.openInboxes(), broadcastId));
    return { broadcastId, audience, total: this.#reader.row(broadcastId)?.total ?? 0 };
  }

  /** Takes a broadcast out of all inboxes; may be repeated. */
  async recall(id: string, actor: UserId): Promise<BroadcastStatus> {
    await this.#desk.queue.run([`recall of ${id}`], async () => {
      const row = this.#reader.row(id);
      if (row === null) throw new ContrailError('not-found', 'There is no such broadcast.');
      if (row.recalledAt !== null) return;
      await this.#desk.commit({ events: [recalled(id, { actor, at: this.#desk.clock.now() })], views: [] });
      if (row.audience === 'all') return this.#reframe([id]);
      const ids = new Map(this.#reader.entries(id).map((entry) => [entry.userId, entry.id]));
      const users = this.#desk.openInboxes().filter((user) => ids.has(user));
      this.#background.start(() => reframeViews(this.#desk, users, (user) => [ids.get(user) ?? id]));
    });
    const status = this.#reader.status(id);
    if (status === null) throw new Error(`broadcast ${id} is not in the projection after its commit`);
    return status;
  }

  /** How it stands for people at this moment: who sees it live, and whose quiet hours it falls into. */
  #toAll(content: Content): { live: number; zones: Record<string, number> } {
    const now = this.#desk.clock.now();
    const zones = rankOf(content.priority) === urgentRank ? [] : this.#reader.zones();
    const live = this.#desk.openInboxes().length;
    return { live, zones: Object.fromEntries(zones.map((zone) => [zone, localMinute(zone, now)])) };
  }

  /** Puts all open views right after broadcasts to all went, or took each other's place. */
  #reframe(ids: readonly string[]): void {
    this.#background.start(() => reframeViews(this.#desk, this.#desk.openInboxes(), () => ids));
  }

  #start(id: string): void {
    if (this.#running.has(id)) return;
    this.#running.add(id);
    const delivery = this.#reader.delivery(id);
    this.#background.start(() => this.#deliver(delivery));
  }

  async #deliver(delivery: Delivery): Promise<void> {
    while (!this.#background.closed) {
      const row = this.#reader.row(delivery.id);
      if (row === null || row.recalledAt !== null || row.delivered >= row.total) break;
      try {
        await this.#deliverSlice(delivery, { from: row.delivered, head: 1 + row.slices });
      } catch (error) {
        // A recall came in between, or another node's slice: what the projection says now decides.
        if (!(error instanceof ContrailError) || error.code !== 'conflict') throw error;
      }
    }
    this.#running.delete(delivery.id);
  }

  #deliverSlice(delivery: Delivery, { from, head }: { from: number; head: number }): Promise<void> {
    const { id, actor, content, recipients } = delivery;
    const { queue, window, clock, commit, horizon } = this.#desk;
    const slice = recipients.slice(from, from + sliceSize);
    const viewTime = horizon.current;
    return queue.run(slice, async () => {
      const stamp = { actor, at: clock.now() };
      const open = new Set(this.#desk.openInboxes());
      const posts = slice.map((user) => ({
        user,
        ...post(this.#desk, { user, content, broadcastId: id, live: open.has(user) }, stamp),
      }));
      await commit({
        events: [progressed(id, stamp, { delivered: slice.length }), ...posts.map(({ event }) => event)],
        views: posts.flatMap(({ user, change }) => window.predict({ user, now: viewTime }, change)),
        expect: [{ stream: broadcastStream(id), head }],
      });
      const entries = posts.map((posted) => ({ userId: posted.user, id: posted.id }));
      if (content.expiresAt !== undefined) this.#desk.expects(content.expiresAt, entries);
    });
  }
}
