// The contract of the event log. SQLite stands behind it (log/sqlite-log.ts), tests also use memory (log/memory-log.ts);
// one contract suite runs against both. Asynchronous throughout, so that another engine can take the place.

import type { EventKind, EventSummary, LoggedEvent, NewEvent, Position } from './events.js';
import type { StreamName, UserId } from './ids.js';

/**
 * One atomic piece of an append: all of its events are logged or none.
 * `expect` lists the heads (seq of the last event, 0 for an empty stream) that must hold when the unit's turn comes.
 */
export interface AppendUnit {
  readonly events: readonly NewEvent[];
  readonly expect?: readonly { readonly stream: StreamName; readonly head: number }[];
  /**
   * States *after* the unit's events, kept as caches (I3). `truncate` drops the stream's earlier events and checkpoints, the events of a long stream
   * oldest first with what is appended later: until then they can be read like others.
   */
  readonly checkpoints?: readonly {
    readonly stream: StreamName;
    readonly state: Uint8Array;
    readonly truncate?: boolean;
  }[];
}

export type AppendOutcome =
  /** One position per event, in the unit's order. */
  | { readonly ok: true; readonly positions: readonly Position[] }
  /** `expect` did not hold: nothing of this unit was logged. */
  | { readonly ok: false; readonly stream: StreamName; readonly head: number };

export interface Head extends Position {}

/** What a read of a stream answers. */
export type StreamRead =
  /** Events after the seq asked for, in order, at least one unless the seq is the head. `more` when the limit cut them. */
  | { readonly kind: 'range'; readonly events: readonly LoggedEvent[]; readonly head: number; readonly more: boolean }
  /** The seq asked for lies beyond the head. */
  | { readonly kind: 'ahead'; readonly head: number }
  /** The seq asked for was truncated away; reading can begin at checkpoint `oldest`. */
  | { readonly kind: 'gone'; readonly oldest: number };

/** A piece of the whole log, for those who follow it. */
export interface LogScan {
  readonly events: readonly LoggedEvent[];
  /** Left out of `events`, so that one bad row does not stop what comes after it. */
  readonly damaged: readonly Pick<LoggedEvent, 'id' | 'stream' | 'seq'>[];
  /** Go on after this id: that of the last row looked at, or the one asked for when there was none. */
  readonly cursor: number;
}

export interface EventFilter {
  /** Exclusive bounds on seq. */
  readonly after?: number;
  readonly before?: number;
  readonly actor?: UserId;
  readonly kinds?: readonly EventKind[];
  /** Bounds on time, Unix ms: `since` inclusive, `until` exclusive. */
  readonly since?: number;
  readonly until?: number;
  readonly order: 'asc' | 'desc';
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface Checkpoint {
  readonly stream: StreamName;
  readonly seq: number;
  /** Encoded Yjs state (V1). */
  readonly state: Uint8Array;
}

export interface LogStats {
  /** The id of the last event, 0 when there is none. */
  readonly lastId: number;
  readonly streams: number;
  /** Size of the database and of its write-ahead log, in bytes; 0 in memory. */
  readonly bytes: number;
  readonly walBytes: number;
  /** Commits since the start, and events in them. */
  readonly commits: number;
  readonly events: number;
  /** Duration of the last commit, in ms. */
  readonly lastCommitMs: number;
  readonly writable: boolean;
}

/**
 * ### Ordering
 * Units are logged in the order of the calls, and in the order of the list within a call. `id` grows by order of logging over all
 * streams; `seq` is without gaps within a stream. The listeners of `tail` hear of events in the order of `id`, after the
 * promise of their append was settled as fulfilled, and never of an event that is not durable.
 *
 * ### Durability
 * A fulfilled append is on disk, through a power cut. Appends that arrive while a commit is under way share the next commit
 * (group commit); there is no timer, so an idle log commits at once.
 *
 * ### Failure
 * `append` rejects with `log-unavailable` when the commit failed; then nothing of the call is in the log (a call is one transaction or
 * shares one, never two). Later appends may succeed again: the log probes by itself and `onWritable` says when. Reads go on meanwhile.
 * A unit whose `expect` does not hold fails alone; its neighbours in the call are logged.
 * A constraint violation is a broken invariant: the append rejects with `internal` and says which.
 *
 * ### Reading
 * Reads see whatever was committed before they were called. Each event's crc is checked; a damaged one makes the read reject with
 * `damaged-event`, whose `extra` has `stream` and `seq`; other streams are not affected.
 */
export interface EventLog {
  append(units: readonly AppendUnit[]): Promise<readonly AppendOutcome[]>;

  /** The last event's position; `null` for a stream without events. */
  head(stream: StreamName): Promise<Head | null>;
  /** Events with seq > `after`, at most `limit` of them (default 1,000) and about 4 MiB of payload. */
  read(stream: StreamName, after: number, limit?: number): Promise<StreamRead>;
  /** Summaries by filter; an index narrows by stream and seq before anything else. */
  list(stream: StreamName, filter: EventFilter): Promise<readonly EventSummary[]>;
  /** The last position whose `at` is ≤ `time`; `null` when the stream began later. */
  positionAt(stream: StreamName, time: number): Promise<Position | null>;
  /** The newest checkpoint with seq ≤ `atOrBefore`; `null` when there is none. A damaged one counts as absent (I3). */
  checkpoint(stream: StreamName, atOrBefore: number): Promise<Checkpoint | null>;
  /** Events of all streams with id > `after`, in order of id. */
  readAll(after: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** The same for those who follow the log: at most about 4 MiB of payload at a time, and damage does not end it. */
  scan(after: number, limit: number): Promise<LogScan>;

  /** Calls `listener` with each commit's events (their payloads included); the function returned ends it. */
  tail(listener: (events: readonly LoggedEvent[]) => void): () => void;
  /** Calls `listener` whenever writing becomes impossible or possible again; the function returned ends it. */
  onWritable(listener: (writable: boolean) => void): () => void;

  stats(): LogStats;
  /** Commits what is queued, then closes. Later calls reject with `restarting`. */
  close(): Promise<void>;
}
