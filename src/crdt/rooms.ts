// The rooms in memory: each document is opened once, leaves when nobody has needed it for a while, and is loaded again after any fault.

import { ContrailError } from '../model/errors.js';
import type { EventLog } from '../model/event-log.js';
import type { NewEvent, Position } from '../model/events.js';
import type { DocumentId } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import { awarenessWindowMs } from './awareness.js';
import { checkpointIsDue } from './checkpoint-rule.js';
import { Committer } from './committer.js';
import type { Pack } from './outlet.js';
import { Recent } from './recent.js';
import { loadState } from './replay.js';
import { Room, type RoomEnvironment } from './room.js';
import { RoomCounts } from './room-counts.js';
import type { RoomObserver } from './room-observer.js';
import { Turns } from './turns.js';

export interface RoomsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly pack: Pack;
  readonly maxRooms: number;
  readonly idleMs: number;
  readonly onDropped: (id: DocumentId, error: ContrailError) => void;
  readonly observer?: RoomObserver;
  /** What a commit held has been handed to connections. */
  readonly onVisible?: () => void;
}

const sweepMs = 1_000;
const presenceTickMs = 4;
/** Of how many documents it is known what was logged past their rooms. */
const keptAway = 10_000;

export class Rooms {
  readonly #options: RoomsOptions;
  readonly counts = new RoomCounts();
  readonly #environment: RoomEnvironment;
  readonly #open = new Map<DocumentId, Room>();
  readonly #loading = new Map<DocumentId, Promise<Room>>();
  /** A large document takes a while to load, and nobody is to wait for it who does not want it. */
  readonly #turns = new Turns();
  /** Documents that an event is being logged for while they are not in memory. */
  readonly #appending = new Map<DocumentId, Promise<unknown>>();
  /** Bytes logged for a document since it was last in memory; nobody has written a checkpoint meanwhile. */
  readonly #away = new Recent<DocumentId, { bytes: number }>(keptAway);
  /** Rooms that were dropped while a commit of theirs was under way. */
  readonly #dropped = new Map<DocumentId, Room>();
  /** Rooms whose presence waits for its window, with the time at which it is due. */
  readonly #presenceDue = new Map<Room, number>();
  readonly #presenceSent = new WeakMap<Room, number>();
  #cancelPresence: (() => void) | null = null;
  #cancelSweep: () => void;
  #writable = true;
  #closed: ContrailError | null = null;
  readonly #stopWatching: () => void;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#environment = {
      committer: new Committer(options.log, options.onVisible),
      counts: this.counts,
      clock: options.clock,
      pack: options.pack,
      writable: () => this.#writable,
      dropped: (room, error) => this.#forget(room, error),
      awarenessChanged: (room) => this.#schedulePresence(room),
      ...(options.observer ? { observer: options.observer } : {}),
    };
    this.#cancelSweep = options.clock.after(sweepMs, () => this.#sweep());
    this.#stopWatching = options.log.onWritable((writable) => {
      this.#writable = writable;
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** The room if it is in memory. */
  peek(id: DocumentId): Room | null {
    return this.#open.get(id) ?? null;
  }

  all(): IterableIterator<Room> {
    return this.#open.values();
  }

  /** The room, loaded from the log if need be. The document must exist. Rejects with `damaged-event`, `overloaded` or `internal`. */
  async open(id: DocumentId): Promise<Room> {
    const open = this.#open.get(id);
    if (open) {
      open.neededAt = this.#options.clock.now();
      return open;
    }
    const loading = this.#loading.get(id);
    if (loading) return loading;
    const load = this.#load(id);
    this.#loading.set(id, load);
    try {
      return await load;
    } finally {
      this.#loading.delete(id);
    }
  }

  /**
   * Whether `append` can log so many bytes for the document at this moment: it is not in memory nor on its way there, no commit of it is under
   * way, and it will need no checkpoint, which only a room can write.
   */
  isAway(id: DocumentId, bytes: number): boolean {
    const busy = this.#open.has(id) || this.#loading.has(id) || this.#dropped.has(id) || this.#appending.has(id);
    return !busy && !checkpointIsDue(this.#away.take(id, () => ({ bytes: 0 })).bytes + bytes, 0);
  }

  /**
   * Logs one event of a document that is away, right after `head`, without loading it: nobody is there to be told. Its room, should somebody open
   * it meanwhile, is loaded behind it. Call it in the same turn as `isAway` and as whatever was checked.
   *
   * Resolves with `null` where the document is no longer at `head`; rejects as the log's `append` does.
   */
  async append(id: DocumentId, event: NewEvent, head: number): Promise<Position | null> {
    const appended = this.#options.log.append([{ events: [event], expect: [{ stream: event.stream, head }] }]);
    this.#appending.set(id, appended);
    try {
      const [outcome] = await appended;
      if (!outcome?.ok) return null;
      const bytes = event.payload?.byteLength ?? 0;
      this.#away.take(id, () => ({ bytes: 0 })).bytes += bytes;
      this.counts.edits += 1;
      this.counts.editBytes += bytes;
      return outcome.positions[0] ?? null;
    } finally {
      this.#appending.delete(id);
    }
  }

  /** Closes every room with this error, those on their way into memory as well, and waits for nothing. */
  close(error: ContrailError): void {
    this.#closed = error;
    this.#cancelSweep();
    this.#cancelPresence?.();
    this.#stopWatching();
    for (const room of [...this.#open.values()]) room.drop(error);
  }

  async #load(id: DocumentId): Promise<Room> {
    if (this.#open.size + this.#loading.size >= this.#options.maxRooms && !this.#evictOne()) {
      throw new ContrailError('overloaded', 'Too many documents are open; try again shortly.');
    }
    // The commit of a room that was dropped may still reach the log: what it holds belongs to the document.
    await this.#dropped.get(id)?.commit.ended();
    await this.#appending.get(id)?.catch(() => undefined);
    this.#away.forget(id);
    const state = await loadState(this.#options.log, id, { rest: () => this.#rest() });
    if (this.#closed) throw this.#closed;
    const room = new Room(id, state, this.#environment);
    this.#options.observer?.opened(room);
    this.#open.set(id, room);
    return room;
  }

  async #rest(): Promise<void> {
    await this.#turns.next();
    if (this.#closed) throw this.#closed;
  }

  #forget(room: Room, error: ContrailError): void {
    if (this.#open.get(room.id) === room) this.#open.delete(room.id);
    this.#dropped.set(room.id, room);
    void room.commit.ended().then(() => {
      if (this.#dropped.get(room.id) === room) this.#dropped.delete(room.id);
    });
    this.#presenceDue.delete(room);
    this.#options.onDropped(room.id, error);
  }

  #evict(room: Room): void {
    this.#open.delete(room.id);
    this.#presenceDue.delete(room);
    room.retire();
  }

  #evictOne(): boolean {
    let oldest: Room | null = null;
    for (const room of this.#open.values())
      if (room.idle && (!oldest || room.neededAt < oldest.neededAt)) oldest = room;
    if (oldest) this.#evict(oldest);
    return oldest !== null;
  }

  #sweep(): void {
    const leaveBefore = this.#options.clock.now() - this.#options.idleMs;
    for (const room of this.#open.values()) if (room.idle && room.neededAt <= leaveBefore) this.#evict(room);
    this.#cancelSweep = this.#options.clock.after(sweepMs, () => this.#sweep());
  }

  /** The first change goes out at once; the next ones wait until the room's window has passed. One timer serves all rooms. */
  #schedulePresence(room: Room): void {
    if (this.#presenceDue.has(room)) return;
    const now = this.#options.clock.now();
    const due = (this.#presenceSent.get(room) ?? 0) + awarenessWindowMs(room.sessions.size);
    if (due <= now) return this.#sendPresence(room, now);
    this.#presenceDue.set(room, due);
    this.#cancelPresence ??= this.#options.clock.after(Math.max(presenceTickMs, due - now), () => this.#presenceTick());
  }

  #presenceTick(): void {
    this.#cancelPresence = null;
    const now = this.#options.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [room, due] of this.#presenceDue) {
      if (due > now) next = Math.min(next, due);
      else {
        this.#presenceDue.delete(room);
        this.#sendPresence(room, now);
      }
    }
    if (next < Number.POSITIVE_INFINITY)
      this.#cancelPresence = this.#options.clock.after(Math.max(presenceTickMs, next - now), () =>
        this.#presenceTick(),
      );
  }

  #sendPresence(room: Room, now: number): void {
    this.#presenceSent.set(room, now);
    room.flushPresence();
  }
}
