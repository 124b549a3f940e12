// Tells another server of everything that happens (docs/events.md): batches of changes as signed POSTs, in order, each tried until it is taken.
//
// ### At least once, in order
// One delivery at a time. Its bounds are logged before its first attempt, and that it arrived is logged with the bounds of the next one, or by
// itself when there is nothing more to tell. So after a crash the delivery under way is made again with the same content and the same
// `webhook-id`, and nothing is left out.
//
// ### Failure
// Anything but a 2xx is tried again, after pauses that double up to `longestPauseMs`, of which chance takes away up to a half so that many
// servers do not come at once. It never gives up: what waits is the log, so waiting costs no memory.

import type { EventLog } from '../model/event-log.js';
import type { Clock, Random } from '../model/time.js';
import { formatTime } from '../model/time.js';
import type { Sight } from './change-access.js';
import type { ChangeFeed } from './change-feed.js';
import { type PresentedChange, presentChange } from './event-schemas.js';
import { readPlace, type WebhookPlace, writePlace } from './webhook-cursor.js';
import { type Attempt, attempt, type Message, type WebhookTarget } from './webhook-request.js';

export interface WebhookOptions {
  readonly target: WebhookTarget;
  readonly log: Pick<EventLog, 'append' | 'list'>;
  readonly feed: ChangeFeed;
  readonly sight: () => Sight;
  /** Kinds of events to tell of; empty means all. */
  readonly kinds: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrouble: (fields: Readonly<Record<string, string | number>>) => void;
  readonly onRecovered: (fields: Readonly<Record<string, string | number>>) => void;
  /** What the log itself failed with; it is tried again. */
  readonly onFault: (error: unknown) => void;
}

export interface WebhookCounts {
  /** Since the start. */
  readonly delivered: number;
  readonly events: number;
  readonly failures: number;
  /** How many ids of the log the receiver has not come to. */
  readonly behind: number;
}

interface Batch {
  readonly place: WebhookPlace & { readonly upTo: number };
  readonly events: readonly PresentedChange[];
}

const eventsPerDelivery = 100;
const lettersPerDelivery = 256 * 1024;
const eventsAtOnce = 500;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** The longest that a receiver's `Retry-After` is listened to. */
const longestWaitMs = 15 * 60_000;
/** How long the answer to the last attempt is waited for at the end. */
const lastAnswerMs = 1_000;

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #stop = new AbortController();
  /** Ends the attempt under way. */
  readonly #abandon = new AbortController();
  readonly #counts = { delivered: 0, events: 0, failures: 0 };
  #place: WebhookPlace = { after: 0, upTo: null };
  /** What of it is on disk. */
  #kept: WebhookPlace | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  get counts(): WebhookCounts {
    return { ...this.#counts, behind: Math.max(0, this.#options.feed.head - this.#place.after) };
  }

  /** Resolves once it is on disk where it begins: at the end of the log, if there never was a webhook. */
  async start(): Promise<void> {
    const { log, feed, clock } = this.#options;
    const known = await readPlace(log);
    this.#place = known ?? { after: feed.head, upTo: null };
    if (!known) await writePlace(log, clock, this.#place);
    this.#kept = this.#place;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    // The receiver may have taken what is under way; its answer is then all that keeps it from coming again.
    const cancel = this.#options.clock.after(lastAnswerMs, () => this.#abandon.abort());
    await this.#running;
    cancel();
    // What has arrived shall not come again after an orderly restart.
    if (this.#place.upTo === null && this.#kept?.upTo !== null) await this.#keep(this.#place);
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#stopped; ) {
      try {
        await this.#step();
        pauseMs = firstPauseMs;
      } catch (error) {
        if (this.#stopped) return;
        this.#options.onFault(error);
        await this.#pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  /** One delivery, or one wait for something to deliver. */
  async #step(): Promise<void> {
    const batch = await this.#collect(this.#place);
    if (this.#stopped) return;
    if (batch === null) {
      if (this.#kept?.upTo !== null) await this.#keep(this.#place);
      else await this.#news();
      return;
    }
    await this.#keep(batch.place);
    this.#place = batch.place;
    const { after, upTo } = batch.place;
    const message = {
      id: `evt_${after}_${upTo}`,
      body: JSON.stringify({
        type: 'events',
        timestamp: batch.events.at(-1)?.at ?? formatTime(this.#options.clock.now()),
        data: { events: batch.events },
      }),
    };
    // Nothing of it is left to tell when other kinds are asked for than before the start.
    if (batch.events.length > 0 && !(await this.#deliver(message))) return;
    this.#counts.delivered += 1;
    this.#counts.events += batch.events.length;
    this.#place = { after: upTo, upTo: null };
  }

  /** The delivery that was begun, or the next one; `null` when there is nothing to tell. Moves on over what concerns nobody. */
  async #collect({ after, upTo }: WebhookPlace): Promise<Batch | null> {
    const { feed, sight, kinds } = this.#options;
    const events: PresentedChange[] = [];
    let letters = 0;
    for (let cursor = after; !this.#stopped; ) {
      const page = await feed.after(cursor, eventsAtOnce);
      const see = sight();
      for (const change of page.changes) {
        if (upTo !== null && change.id > upTo) return { place: { after, upTo }, events };
        const seen = see(change);
        if (!seen || (kinds.length > 0 && !kinds.includes(seen.kind))) continue;
        const shown = presentChange(seen);
        events.push(shown);
        letters += JSON.stringify(shown).length;
        const isFull = events.length >= eventsPerDelivery || letters >= lettersPerDelivery;
        if (upTo === null && isFull) return { place: { after, upTo: change.id }, events };
      }
      if (page.cursor === cursor || (upTo !== null && page.cursor >= upTo)) {
        if (upTo !== null) return { place: { after, upTo }, events };
        if (events.length > 0) return { place: { after, upTo: cursor }, events };
        this.#place = { after: cursor, upTo: null };
        return null;
      }
      cursor = page.cursor;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return null;
  }

  async #deliver(message: Message): Promise<boolean> {
    const { target, random, onTrouble, onRecovered } = this.#options;
    let pauseMs = firstPauseMs;
    for (let failures = 0; !this.#stopped; ) {
      const result: Attempt = await attempt(target, message, this.#abandon.signal);
      if (result.ok) {
        if (failures > 0) onRecovered({ delivery: message.id, failures });
        return true;
      }
      if (this.#stopped) break;
      failures += 1;
      this.#counts.failures += 1;
      const drawn = Math.round(pauseMs * (1 - random() / 2));
      const wait = Math.max(drawn, Math.min(result.retryAfterMs ?? 0, longestWaitMs));
      onTrouble({ delivery: message.id, why: result.why, failures, nextMs: wait });
      await this.#pause(wait);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    return false;
  }

  async #keep(place: WebhookPlace): Promise<void> {
    const { log, clock } = this.#options;
    if (this.#kept?.after === place.after && this.#kept.upTo === place.upTo) return;
    await writePlace(log, clock, place);
    this.#kept = place;
  }

  #pause(ms: number): Promise<void> {
    return this.#waited((wake) => this.#options.clock.after(ms, wake));
  }

  #news(): Promise<void> {
    if (this.#options.feed.head > this.#place.after) return Promise.resolve();
    return this.#waited((wake) => this.#options.feed.onNext(wake));
  }

  /** Resolves when `listen` says so, or when the webhook stops. */
  #waited(listen: (wake: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stop;
      const wake = (): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = listen(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }
}
