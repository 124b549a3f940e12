// The log as something to follow: changes after any id, for any number of readers who each keep their own place.
//
// ### Ordering
// Ids grow in the order of commits, and a read sees whole commits alone, so whoever goes on after the last id they were given misses nothing
// and meets nothing twice, however many commits happen meanwhile. (A reader that dies between two pages meets its last page again.)
//
// ### Memory
// While somebody waits for them the newest changes are kept, so that readers who are up to date cost the disk nothing; everybody else reads
// the log itself, at their own pace. Nothing is queued for a reader. If the log's news ever leave something out (the writer died between its commit and its answer), what
// is kept begins anew behind the hole, and readers find what fell into it in the log.

import type { EventLog } from '../model/event-log.js';
import type { LoggedEvent } from '../model/events.js';
import { type Change, changeOf } from './change.js';

export interface ChangeFeedOptions {
  readonly log: Pick<EventLog, 'scan' | 'tail' | 'stats'>;
  /** Told once of each event that cannot be shown because it is damaged. */
  readonly onDamaged: (where: { readonly id: number; readonly stream: string; readonly seq: number }) => void;
}

export interface FeedPage {
  /** In order of id. */
  readonly changes: readonly Change[];
  /** Go on after this id; the one asked for when there is nothing newer. */
  readonly cursor: number;
}

const keptEvents = 2_048;
/** Damaged events that are remembered as told of. */
const rememberedDamage = 1_000;

export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #stopTail: () => void;
  readonly #waiting = new Set<() => void>();
  readonly #toldOf = new Set<number>();
  /** One place for every id after `#keptAfter`, `null` for events that are no changes. */
  #kept: (Change | null)[] = [];
  #keptAfter: number;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#keptAfter = options.log.stats().lastId;
    this.#stopTail = options.log.tail((events) => this.#heard(events));
  }

  /** The newest id that is known of. */
  get head(): number {
    return Math.max(this.#keptAfter + this.#kept.length, this.#options.log.stats().lastId);
  }

  /** Whether the log has come as far as `id`, which a reader says it was given. */
  async reaches(id: number): Promise<boolean> {
    if (id <= this.head) return true;
    return (await this.#options.log.scan(id - 1, 1)).cursor >= id;
  }

  /** Changes among at most `limit` events after an id. */
  async after(id: number, limit: number): Promise<FeedPage> {
    const end = this.#keptAfter + this.#kept.length;
    if (id >= this.#keptAfter && id < end) {
      const taken = this.#kept.slice(id - this.#keptAfter, id - this.#keptAfter + limit);
      return { changes: taken.filter((change) => change !== null), cursor: id + taken.length };
    }
    const { events, damaged, cursor } = await this.#options.log.scan(id, limit);
    for (const event of damaged) this.#damaged(event);
    return { changes: events.flatMap((event) => changeOf(event) ?? []), cursor };
  }

  /** Calls `listener` once, at the next commit; the function returned takes it away. */
  onNext(listener: () => void): () => void {
    const wake = (): void => listener();
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  close(): void {
    this.#stopTail();
    this.#wake();
  }

  #heard(events: readonly LoggedEvent[]): void {
    const last = events.at(-1);
    if (this.#waiting.size === 0 && last) {
      // Nobody follows: an edit is not to cost anything here.
      this.#kept = [];
      this.#keptAfter = last.id;
      return;
    }
    for (const event of events) {
      if (event.id !== this.#keptAfter + this.#kept.length + 1) {
        this.#kept = [];
        this.#keptAfter = event.id - 1;
      }
      this.#kept.push(changeOf(event));
    }
    const surplus = this.#kept.length - keptEvents;
    if (surplus > keptEvents) {
      this.#kept = this.#kept.slice(surplus);
      this.#keptAfter += surplus;
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #damaged(event: { readonly id: number; readonly stream: string; readonly seq: number }): void {
    if (this.#toldOf.has(event.id) || this.#toldOf.size >= rememberedDamage) return;
    this.#toldOf.add(event.id);
    this.#options.onDamaged(event);
  }
}
