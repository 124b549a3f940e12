// How often something may happen for each of many keys (addresses, users): a token bucket per key. Keys whose bucket is full again are
// forgotten, and the oldest when there are too many, so that nobody fills the memory by inventing keys.

import { FrameRate } from './frame-rate.js';

const maxKeys = 20_000;

export class RateTable {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, { readonly rate: FrameRate; fullAt: number }>();

  /** 0 is no limit. The burst is what a minute allows. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one; `false` when the key has none left. */
  take(key: string, now: number): boolean {
    if (this.#perMinute === 0) return true;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      this.#makeRoom(now);
      bucket = { rate: new FrameRate(this.#perMinute / 60, this.#perMinute, now), fullAt: now };
      this.#buckets.set(key, bucket);
    }
    const taken = bucket.rate.take(now);
    if (taken) bucket.fullAt = Math.max(bucket.fullAt, now) + 60_000 / this.#perMinute;
    return taken;
  }

  /** Whether the key has one left. */
  allows(key: string, now: number): boolean {
    const bucket = this.#perMinute === 0 ? undefined : this.#buckets.get(key);
    return bucket === undefined || bucket.fullAt - now <= 60_000 - 60_000 / this.#perMinute;
  }

  #makeRoom(now: number): void {
    if (this.#buckets.size < maxKeys) return;
    for (const [key, { fullAt }] of this.#buckets) if (fullAt <= now) this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= maxKeys && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
