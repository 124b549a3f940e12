// What may be asked of one source: its daily budget, and the time it asked to be left alone. Kept in memory: after a restart the budget
// of the day begins anew.

import type { Clock } from '../model/time.js';

const dayMs = 24 * 3_600_000;
const firstCoolingMs = 60_000;
const longestCoolingMs = 15 * 60_000;

export class SourceLedger {
  readonly #clock: Clock;
  readonly #perDay: number | null;
  /** Wanted requests per ms, by flight. */
  readonly #demand = new Map<string, number>();
  #wanted = 0;
  #day = -1;
  #used = 0;
  #coolUntil = 0;
  #strikes = 0;
  /** Requests since the start. */
  requests = 0;

  constructor(clock: Clock, perDay: number | null) {
    this.#clock = clock;
    this.#perDay = perDay;
  }

  #remaining(): number {
    const day = Math.floor(this.#clock.now() / dayMs);
    if (day !== this.#day) {
      this.#day = day;
      this.#used = 0;
    }
    return this.#perDay === null ? Number.POSITIVE_INFINITY : this.#perDay - this.#used;
  }

  #leftOfDay(): number {
    return dayMs - (this.#clock.now() % dayMs);
  }

  /** How long nothing may be asked. */
  waitMs(): number {
    const cooling = Math.max(0, this.#coolUntil - this.#clock.now());
    return this.#remaining() > 0 ? cooling : Math.max(cooling, this.#leftOfDay());
  }

  /** Notes one request. */
  spend(): void {
    this.#remaining();
    this.#used += 1;
    this.requests += 1;
  }

  /** How often a flight wants to ask, `null` when it no longer does. */
  want(flightId: string, intervalMs: number | null): void {
    this.#wanted -= this.#demand.get(flightId) ?? 0;
    if (intervalMs === null) this.#demand.delete(flightId);
    else this.#demand.set(flightId, 1 / intervalMs);
    this.#wanted = this.#demand.size === 0 ? 0 : this.#wanted + (intervalMs === null ? 0 : 1 / intervalMs);
  }

  /** By how much every interval grows so that the rest of the budget lasts for the rest of the day; at least 1. */
  slowDown(): number {
    if (this.#perDay === null) return 1;
    const affordable = Math.max(1, this.#remaining()) / this.#leftOfDay();
    return Math.max(1, this.#wanted / affordable);
  }

  /** Leaves the source alone; without a word from it, longer each time. */
  cool(retryAfterMs: number | null, firstMs: number = firstCoolingMs): void {
    const now = this.#clock.now();
    // Requests that were under way together are refused together: that is one strike.
    if (now >= this.#coolUntil) this.#strikes = Math.min(this.#strikes + 1, 10);
    const ownMs = Math.min(firstMs * 2 ** (this.#strikes - 1), Math.max(firstMs, longestCoolingMs));
    this.#coolUntil = Math.max(this.#coolUntil, now + (retryAfterMs ?? ownMs));
  }

  answered(): void {
    this.#strikes = 0;
  }
}
