// What a view shows goes to all of its subscribers as one message. With many of them changes share a window, as presence does: a thousand
// dashboards cost a thousand writes a message, however many changes are in it. Where those writes take long, the window grows, so that sending never
// takes more than half of the server's time: it falls behind by one message, not by all of them. One long sending alone says little: a machine that was
// busy elsewhere for a moment is not made up for by waiting longer still.

import * as Y from 'yjs';
import type { Clock } from '../model/time.js';
import { awarenessWindowMs } from './awareness.js';
import type { Pack } from './outlet.js';
import { encodeUpdate } from './protocol.js';
import type { ShownUpdate, ViewDocument } from './view-document.js';

/** Merging more than this is no longer cheap: then they go one by one. */
const maxMerged = 64;
/** Also when the machine stood still in the middle of sending, or its clock was put back. */
const longestWindowMs = 1_000;

export class ViewBroadcast {
  readonly #clock: Clock;
  readonly #pack: Pack;
  /** What waits for the end of its view's window. */
  readonly #waiting = new Map<ViewDocument, ShownUpdate[]>();
  /** When the next message may leave, and how long the last one took to send. */
  readonly #pace = new WeakMap<ViewDocument, { readonly dueAt: number; readonly tookMs: number }>();

  constructor(clock: Clock, pack: Pack) {
    this.#clock = clock;
    this.#pack = pack;
  }

  /** The updates are durable, and what a joining client gets has them already. */
  show(view: ViewDocument, updates: readonly ShownUpdate[]): void {
    const gathered = [...(this.#waiting.get(view) ?? []), ...updates];
    const isUrgent = updates.some(({ retires }) => retires);
    const waitMs = isUrgent ? 0 : Math.min((this.#pace.get(view)?.dueAt ?? 0) - this.#clock.now(), longestWindowMs);
    if (waitMs <= 0) return this.#send(view, gathered);
    if (!this.#waiting.has(view))
      this.#clock.after(waitMs, () => {
        const late = this.#waiting.get(view);
        if (late) this.#send(view, late);
      });
    this.#waiting.set(view, gathered);
  }

  #send(view: ViewDocument, updates: readonly ShownUpdate[]): void {
    this.#waiting.delete(view);
    if (view.subscribers.size === 0 || updates.length === 0) return;
    const beganAt = this.#clock.now();
    const bytes = updates.map(({ update }) => update);
    const merged = updates.length > 1 && updates.length <= maxMerged ? [Y.mergeUpdates(bytes)] : bytes;
    const packets = merged.map((update) => this.#pack(encodeUpdate(update)));
    const [only] = packets;
    const packet = packets.length === 1 && only ? only : Buffer.concat(packets);
    for (const subscriber of view.subscribers) subscriber.offer(packet, updates);
    const tookMs = this.#clock.now() - beganAt;
    const usualMs = Math.min(tookMs, this.#pace.get(view)?.tookMs ?? 0);
    const dueAt = beganAt + Math.max(awarenessWindowMs(view.subscribers.size), 2 * usualMs);
    this.#pace.set(view, { dueAt, tookMs });
  }
}
