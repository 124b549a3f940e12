// Asks the sources about flights, each at the pace of its record (intervals.ts). It knows neither records' contents nor the log: what it
// hears it hands over.
//
// ### Pace
// The next request of a flight is set when the last one has been dealt with, so there is never more than one under way. Intervals jitter by
// 15 % either way; waits that a source asked for only ever grow. A 429 (or a refused key) cools the whole source; a 5xx or a time-out
// concerns one flight, 30 s to 15 min; a budget that runs out slows all flights of its source down and never overspends.

import type { Clock, Random } from '../model/time.js';
import type { Snapshot } from './feed.js';
import type { Leg } from './flight.js';
import { SourceLedger } from './source-ledger.js';
import { type Source, SourceError } from './sources/source.js';

export interface Pace {
  /** Before jitter and budget, in the clock's time. */
  readonly intervalMs: number;
  readonly stale: boolean;
}

export interface PollerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How a flight is to be asked about as its record is now; `null` once it is no longer tracked. */
  readonly pace: (flightId: string) => Pace | null;
  /** An answer; without a snapshot when nothing is new. */
  readonly deliver: (flightId: string, snapshot: Snapshot | null) => Promise<void>;
  /** Three intervals passed without an answer. */
  readonly wentStale: (flightId: string) => Promise<void>;
  /** What went wrong with a source or with dealing with its answer; the poller goes on. */
  readonly onFault: (source: string, error: unknown) => void;
}

export interface Polled {
  readonly flightId: string;
  readonly leg: Leg;
  readonly source: Source;
}

interface Entry extends Polled {
  failures: number;
  answeredAt: number;
  nextAt: number;
  cancelPoll: () => void;
  cancelStale: () => void;
}

const jitter = 0.15;
const firstBackoffMs = 30_000;
const longestBackoffMs = 15 * 60_000;
const refusedCoolingMs = 15 * 60_000;
const staleIntervals = 3;
const shortestIntervalMs = 1_000;
/** After a pause of a whole source its flights come back over this long, not all at once. */
const resumeSpreadMs = 30_000;
const nothing = (): void => undefined;

/** How long to wait, given the flight's interval as it is by then. */
type Wait = (intervalMs: number) => number;

export class Poller {
  readonly #options: PollerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #ledgers = new Map<string, SourceLedger>();
  /** Requests under way, as `<source>/<flightId>`: a flight that is stopped and tracked again waits for its old one. */
  readonly #underWay = new Set<string>();

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Begins to ask about a flight; `spread` puts the first request anywhere within the flight's interval (after a restart). */
  start(polled: Polled, spread: boolean): void {
    const { flightId, source } = polled;
    if (this.#entries.has(flightId) || !source.capabilities.polled) return;
    const now = this.#options.clock.now();
    const entry: Entry = {
      ...polled,
      failures: 0,
      answeredAt: now,
      nextAt: now,
      cancelPoll: nothing,
      cancelStale: nothing,
    };
    this.#entries.set(flightId, entry);
    this.#schedule(entry, (intervalMs) => (spread ? intervalMs * this.#options.random() : 0));
  }

  stop(flightId: string): void {
    const entry = this.#entries.get(flightId);
    if (entry === undefined) return;
    entry.cancelPoll();
    entry.cancelStale();
    this.#ledger(entry.source).want(flightId, null);
    this.#entries.delete(flightId);
  }

  /** The record changed by other means: asks sooner if the next request is now too far away. */
  refresh(flightId: string): void {
    const entry = this.#entries.get(flightId);
    if (entry === undefined || this.#underWay.has(this.#key(entry)) || entry.failures > 0) return;
    const { intervalMs } = this.#paceOf(entry);
    if (entry.nextAt - this.#options.clock.now() > intervalMs * (1 + jitter)) this.#schedule(entry, this.#jittered);
  }

  close(): void {
    for (const flightId of [...this.#entries.keys()]) this.stop(flightId);
  }

  /** Flights that are asked about. */
  get size(): number {
    return this.#entries.size;
  }

  flightIds(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Requests since the start, by source. */
  requests(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#ledgers].map(([name, ledger]) => [name, ledger.requests]));
  }

  #key({ source, flightId }: Entry): string {
    return `${source.name}/${flightId}`;
  }

  #ledger(source: Source): SourceLedger {
    const known = this.#ledgers.get(source.name);
    if (known !== undefined) return known;
    const ledger = new SourceLedger(this.#options.clock, source.budget.perDay);
    this.#ledgers.set(source.name, ledger);
    return ledger;
  }

  /** The flight's pace as its record and its source's budget have it now. */
  #paceOf(entry: Entry): Pace {
    const pace = this.#options.pace(entry.flightId);
    const wantedMs = Math.max(shortestIntervalMs, pace?.intervalMs ?? longestBackoffMs);
    const ledger = this.#ledger(entry.source);
    ledger.want(entry.flightId, wantedMs);
    return { intervalMs: wantedMs * ledger.slowDown(), stale: pace?.stale ?? true };
  }

  readonly #jittered: Wait = (intervalMs) => intervalMs * (1 - jitter + 2 * jitter * this.#options.random());

  #schedule(entry: Entry, wait: Wait): void {
    const { clock } = this.#options;
    const { intervalMs, stale } = this.#paceOf(entry);
    const delayMs = wait(intervalMs);
    entry.cancelPoll();
    entry.nextAt = clock.now() + Math.ceil(delayMs);
    entry.cancelPoll = clock.after(delayMs, () => void this.#poll(entry));
    entry.cancelStale();
    entry.cancelStale = stale ? nothing : this.#staleAfter(entry, entry.answeredAt + staleIntervals * intervalMs);
  }

  #staleAfter(entry: Entry, due: number): () => void {
    const { clock, wentStale, onFault } = this.#options;
    return clock.after(Math.max(0, due - clock.now()), () => {
      wentStale(entry.flightId).catch((error) => onFault(entry.source.name, error));
    });
  }

  async #poll(entry: Entry): Promise<void> {
    const { random } = this.#options;
    const ledger = this.#ledger(entry.source);
    const key = this.#key(entry);
    const waitMs = ledger.waitMs();
    if (waitMs > 0) return this.#schedule(entry, () => waitMs + random() * resumeSpreadMs);
    if (this.#underWay.has(key)) return this.#schedule(entry, () => shortestIntervalMs);
    this.#underWay.add(key);
    ledger.spend();
    const wait = await this.#ask(entry, ledger);
    this.#underWay.delete(key);
    if (this.#entries.get(entry.flightId) === entry) this.#schedule(entry, wait);
  }

  /** One request and what follows from it; answers how long to wait until the next. */
  async #ask(entry: Entry, ledger: SourceLedger): Promise<Wait> {
    const { clock, random, deliver, onFault } = this.#options;
    try {
      const result = await entry.source.fetch(entry.leg);
      entry.failures = 0;
      ledger.answered();
      if (result.kind !== 'unknown' && this.#entries.get(entry.flightId) === entry) {
        entry.answeredAt = clock.now();
        await deliver(entry.flightId, result.kind === 'snapshot' ? result.snapshot : null);
      }
      return this.#jittered;
    } catch (error) {
      onFault(entry.source.name, error);
      if (!(error instanceof SourceError)) return this.#jittered;
      if (error.fault !== 'unavailable') {
        ledger.cool(error.retryAfterMs, error.fault === 'refused' ? refusedCoolingMs : undefined);
        return () => ledger.waitMs() + random() * resumeSpreadMs;
      }
      entry.failures += 1;
      const backoffMs = firstBackoffMs * 2 ** (entry.failures - 1) * (1 + jitter * random());
      return () => Math.max(Math.min(backoffMs, longestBackoffMs), error.retryAfterMs ?? 0);
    }
  }
}
