// The event log in memory, for tests of everything that stands on a log. Same contract as SQLite (test/log/event-log.contract.ts), with
// one `setImmediate` in place of the disk.

import type { ContrailError } from '../model/errors.js';
import type {
  AppendOutcome,
  AppendUnit,
  Checkpoint,
  EventFilter,
  EventLog,
  Head,
  LogScan,
  LogStats,
  StreamRead,
} from '../model/event-log.js';
import type { EventSummary, LoggedEvent, NewEvent, Position } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import { restarting, unavailable } from './group-commit.js';
import { Listeners } from './listeners.js';
import { checkedLimit, defaultReadLimit, maxListed, maxReadBytes, summaryOf } from './log-reader.js';

export interface MemoryLog extends EventLog {
  /** Makes appends fail with `log-unavailable`, or succeed again. */
  setWritable(writable: boolean): void;
}

interface Stream {
  /** Ascending, without gaps; truncation drops from the front, never the last. */
  events: LoggedEvent[];
  /** Ascending. */
  checkpoints: Checkpoint[];
}

interface Call {
  readonly units: readonly AppendUnit[];
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: ContrailError) => void;
}

export const createMemoryLog = (): MemoryLog => new HeldLog();

class HeldLog implements MemoryLog {
  readonly #streams = new Map<StreamName, Stream>();
  readonly #tail = new Listeners<readonly LoggedEvent[]>(rethrow);
  readonly #writability = new Listeners<boolean>(rethrow);
  #all: LoggedEvent[] = [];
  #queue: Call[] = [];
  #commit: Promise<void> | null = null;
  #writable = true;
  #closed = false;
  #lastId = 0;
  #commits = 0;
  #events = 0;

  append(units: readonly AppendUnit[]): Promise<readonly AppendOutcome[]> {
    if (this.#closed) return Promise.reject(restarting());
    if (!this.#writable) return Promise.reject(unavailable());
    return new Promise((resolve, reject) => {
      this.#queue.push({ units, resolve, reject });
      this.#commit ??= new Promise((done) => {
        setImmediate(() => {
          this.#commit = null;
          this.#commitQueue();
          done();
        });
      });
    });
  }

  async head(stream: StreamName): Promise<Head | null> {
    this.#assertOpen();
    const last = this.#streams.get(stream)?.events.at(-1);
    return last ? positionOf(last) : null;
  }

  async read(stream: StreamName, after: number, limit = defaultReadLimit): Promise<StreamRead> {
    this.#assertOpen();
    checkedLimit(limit, Number.MAX_SAFE_INTEGER);
    const held = this.#streams.get(stream);
    const head = held?.events.at(-1)?.seq ?? 0;
    if (after > head) return { kind: 'ahead', head };
    const first = held?.events[0]?.seq ?? 1;
    if (after < first - 1) return { kind: 'gone', oldest: held?.checkpoints[0]?.seq ?? first };
    const events: LoggedEvent[] = [];
    let bytes = 0;
    for (const event of held?.events.slice(after + 1 - first, after + 1 - first + limit) ?? []) {
      events.push(event);
      bytes += event.payload?.length ?? 0;
      if (bytes >= maxReadBytes) break;
    }
    return { kind: 'range', events, head, more: after + events.length < head };
  }

  async list(stream: StreamName, filter: EventFilter): Promise<readonly EventSummary[]> {
    this.#assertOpen();
    checkedLimit(filter.limit, maxListed);
    const { after = 0, before = Number.POSITIVE_INFINITY, since = Number.NEGATIVE_INFINITY } = filter;
    const { until = Number.POSITIVE_INFINITY, actor, kinds, order, limit } = filter;
    const found = (this.#streams.get(stream)?.events ?? []).filter(
      (event) =>
        event.seq > after &&
        event.seq < before &&
        event.at >= since &&
        event.at < until &&
        (actor === undefined || event.actor === actor) &&
        (kinds === undefined || kinds.includes(event.kind)),
    );
    return (order === 'asc' ? found : found.reverse()).slice(0, limit).map(summaryOf);
  }

  async positionAt(stream: StreamName, time: number): Promise<Position | null> {
    this.#assertOpen();
    const event = this.#streams.get(stream)?.events.findLast(({ at }) => at <= time);
    return event ? positionOf(event) : null;
  }

  async checkpoint(stream: StreamName, atOrBefore: number): Promise<Checkpoint | null> {
    this.#assertOpen();
    return this.#streams.get(stream)?.checkpoints.findLast(({ seq }) => seq <= atOrBefore) ?? null;
  }

  async readAll(after: number, limit: number): Promise<readonly LoggedEvent[]> {
    this.#assertOpen();
    checkedLimit(limit, Number.MAX_SAFE_INTEGER);
    return this.#all.filter(({ id }) => id > after).slice(0, limit);
  }

  async scan(after: number, limit: number): Promise<LogScan> {
    const events: LoggedEvent[] = [];
    let bytes = 0;
    for (const event of await this.readAll(after, limit)) {
      events.push(event);
      bytes += event.payload?.length ?? 0;
      if (bytes >= maxReadBytes) break;
    }
    return { events, damaged: [], cursor: events.at(-1)?.id ?? after };
  }

  tail(listener: (events: readonly LoggedEvent[]) => void): () => void {
    return this.#tail.add(listener);
  }

  onWritable(listener: (writable: boolean) => void): () => void {
    return this.#writability.add(listener);
  }

  setWritable(writable: boolean): void {
    if (writable === this.#writable) return;
    this.#writable = writable;
    this.#writability.tell(writable);
  }

  stats(): LogStats {
    this.#assertOpen();
    return {
      lastId: this.#lastId,
      streams: [...this.#streams.values()].filter(({ events }) => events.length > 0).length,
      bytes: 0,
      walBytes: 0,
      commits: this.#commits,
      events: this.#events,
      lastCommitMs: 0,
      writable: this.#writable,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#commit;
    this.#writable = false;
  }

  #assertOpen(): void {
    if (this.#closed) throw restarting();
  }

  #commitQueue(): void {
    const calls = this.#queue;
    this.#queue = [];
    if (!this.#writable) {
      for (const call of calls) call.reject(unavailable());
      return;
    }
    const heard: LoggedEvent[] = [];
    for (const { units, resolve } of calls) resolve(units.map((unit) => this.#logUnit(unit, heard)));
    this.#commits += 1;
    this.#events += heard.length;
    if (heard.length > 0) queueMicrotask(() => this.#tail.tell(heard));
  }

  #logUnit({ events, expect = [], checkpoints = [] }: AppendUnit, heard: LoggedEvent[]): AppendOutcome {
    for (const { stream, head } of expect) {
      const actual = this.#streams.get(stream)?.events.at(-1)?.seq ?? 0;
      if (actual !== head) return { ok: false, stream, head: actual };
    }
    const logged = events.map((event) => this.#logEvent(event));
    heard.push(...logged);
    for (const { stream, state, truncate = false } of checkpoints) {
      const held = this.#stream(stream);
      const seq = held.events.at(-1)?.seq ?? 0;
      held.checkpoints = held.checkpoints.filter((checkpoint) => !truncate && checkpoint.seq !== seq);
      held.checkpoints.push({ stream, seq, state: state.slice() });
      if (truncate) {
        held.events = held.events.slice(-1);
        this.#all = this.#all.filter((event) => event.stream !== stream || event.seq === seq);
      }
    }
    return { ok: true, positions: logged.map(positionOf) };
  }

  #logEvent(event: NewEvent): LoggedEvent {
    const { events } = this.#stream(event.stream);
    const last = events.at(-1);
    this.#lastId += 1;
    const at = Math.max(event.at, last?.at ?? event.at);
    const payload = event.payload?.slice() ?? null;
    const logged = { ...event, payload, id: this.#lastId, seq: (last?.seq ?? 0) + 1, at };
    events.push(logged);
    this.#all.push(logged);
    return logged;
  }

  #stream(name: StreamName): Stream {
    const known = this.#streams.get(name);
    if (known) return known;
    const stream: Stream = { events: [], checkpoints: [] };
    this.#streams.set(name, stream);
    return stream;
  }
}

const positionOf = ({ id, seq, at }: Position): Position => ({ id, seq, at });
const rethrow = (error: unknown): void => {
  throw error;
};
