// One reader of the change feed over Server-Sent Events (WHATWG HTML, 9.2): an endless body that is made piece by piece, each when the reader's
// socket has room for it. Nothing waits for a slow reader but its place in the log.

import { ContrailError } from '../model/errors.js';
import type { Clock } from '../model/time.js';
import type { Change } from './change.js';
import type { Sight } from './change-access.js';
import type { ChangeFeed } from './change-feed.js';
import { type PresentedChange, presentChange } from './event-schemas.js';

export interface ChangeStreamOptions {
  readonly feed: ChangeFeed;
  /** A fresh view of the reader's rights, for one pass over these changes. */
  readonly sight: (changes: readonly Change[]) => Promise<Sight>;
  readonly wants: (change: PresentedChange) => boolean;
  readonly clock: Clock;
  /** A reader whose socket takes nothing for so long is let go. */
  readonly maxStalledMs: number;
  /** Unix ms at which the reader's token expires; `null` for never. */
  readonly expiresAt: number | null;
  readonly onEnd: () => void;
}

/** Beneath the half minute after which proxies usually give up on a silent connection. */
const heartbeatMs = 15_000;
const eventsAtOnce = 100;
/** A piece ends after so many characters, whatever is left of its page. */
const pieceLength = 64 * 1024;
const retryMs = 1_000;

export class ChangeStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: ChangeStreamOptions;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  /** Everything up to this id was sent, or was not for this reader. */
  #cursor: number;
  #ended = false;
  #cancelExpiry = (): void => {};
  #cancelStall = (): void => {};
  #wake = (): void => {};

  constructor(after: number, options: ChangeStreamOptions) {
    this.#cursor = after;
    this.#options = options;
    const { clock, expiresAt } = options;
    if (expiresAt !== null) this.#cancelExpiry = clock.after(Math.max(0, expiresAt - clock.now()), () => this.end());
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#leave(),
      },
      // Nothing is made ahead of time: what lies in a queue could be forbidden before it leaves.
      { highWaterMark: 0 },
    );
  }

  /** Ends the answer in an orderly way; the reader comes again and goes on. */
  end(): void {
    if (this.#ended) return;
    this.#leave();
    this.#controller?.close();
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#leave();
    this.#controller?.error(error);
  }

  #leave(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelExpiry();
    this.#cancelStall();
    this.#wake();
    this.#options.onEnd();
  }

  #isFirst = true;

  async #pull(): Promise<void> {
    this.#cancelStall();
    if (this.#isFirst) {
      this.#isFirst = false;
      return this.#send(`retry: ${retryMs}\n${this.#place()}`);
    }
    try {
      const { feed, clock, sight } = this.#options;
      for (const quietUntil = clock.now() + heartbeatMs; !this.#ended; ) {
        const before = this.#cursor;
        const { changes, cursor } = await feed.after(before, eventsAtOnce);
        const see = await sight(changes);
        if (this.#ended) return;
        const piece = this.#piece(changes, cursor, see);
        if (piece !== '') return this.#send(piece);
        const left = quietUntil - clock.now();
        if (left <= 0) return this.#send(this.#place());
        // Others get their turn while a reader goes through much that is not for it.
        await (cursor > before ? new Promise((resolve) => setImmediate(resolve)) : this.#news(left));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What the reader may see of a page; moves on as far as it got. */
  #piece(changes: readonly Change[], cursor: number, see: Sight): string {
    const { wants } = this.#options;
    let text = '';
    for (const change of changes) {
      const seen = see(change);
      const shown = seen && presentChange(seen);
      if (!shown || !wants(shown)) continue;
      text += `id: ${shown.id}\ndata: ${JSON.stringify(shown)}\n\n`;
      if (text.length < pieceLength) continue;
      this.#cursor = shown.id;
      return text;
    }
    this.#cursor = cursor;
    return text;
  }

  /** A block with an id and no data: readers keep the id, and are told of nothing. */
  #place(): string {
    return `id: ${this.#cursor}\n\n`;
  }

  #send(text: string): void {
    if (this.#ended) return;
    this.#controller?.enqueue(this.#encoder.encode(text));
    const { clock, maxStalledMs } = this.#options;
    this.#cancelStall = clock.after(maxStalledMs, () =>
      this.#fail(new ContrailError('slow-consumer', 'The reader of the change feed does not keep up.')),
    );
  }

  /** Resolves once there is something behind this stream's place, when the stream ends, or after `ms`. */
  #news(ms: number): Promise<void> {
    // A commit may have come between the last look and this one.
    if (this.#options.feed.head > this.#cursor) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stopListening();
        cancelTimer();
        this.#wake = () => {};
        resolve();
      };
      const stopListening = this.#options.feed.onNext(done);
      const cancelTimer = this.#options.clock.after(ms, done);
      this.#wake = done;
    });
  }
}
