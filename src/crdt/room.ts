// A document in memory with the connections in it. Everything up to the committer is synchronous, so two frames never interleave.
// The document here is a cache of the log: after any exception the room is dropped and loaded again, never repaired.

import * as Y from 'yjs';
import { asContrailError, ContrailError } from '../model/errors.js';
import type { AppendOutcome, AppendUnit } from '../model/event-log.js';
import type { NewEvent, Position } from '../model/events.js';
import { type DocumentId, documentStream, type StreamName } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import { AwarenessMap } from './awareness.js';
import { type Change, rangesOf, tidying } from './change.js';
import { SinceCheckpoint } from './checkpoint-rule.js';
import { CommitTurn } from './commit-turn.js';
import type { Committable, Committer } from './committer.js';
import { Delivery } from './delivery.js';
import { EncodedParts } from './encoded-parts.js';
import { FrameHold } from './frame-hold.js';
import { LiveDocument } from './live-document.js';
import { type AnswerEntry, type EditEntry, Outbox, type OutboxEntry } from './outbox.js';
import type { Pack, Packet } from './outlet.js';
import { type AwarenessEntry, updateHead } from './protocol.js';
import type { RoomCounts } from './room-counts.js';
import { RoomGuard } from './room-guard.js';
import type { RoomObserver } from './room-observer.js';
import type { Session } from './session.js';
import type { ParsedUpdate } from './update-parser.js';

export interface RoomState {
  readonly doc: Y.Doc;
  /** Seq of the last event in `doc`. */
  readonly seq: number;
  /** Size of the newest checkpoint, and of the events after it, in bytes. */
  readonly checkpointBytes: number;
  readonly bytesSince: number;
}

export interface RoomEnvironment {
  readonly committer: Committer;
  readonly clock: Clock;
  readonly pack: Pack;
  /** Whether the log takes writes, as far as is known. */
  readonly writable: () => boolean;
  /** The room is unusable and has closed its connections; called once. */
  readonly dropped: (room: Room, error: ContrailError) => void;
  /** Awareness has changed and wants to be flushed within the room's window. */
  readonly awarenessChanged: (room: Room) => void;
  readonly observer?: RoomObserver;
  readonly counts: RoomCounts;
}

export class Room implements Committable {
  readonly id: DocumentId;
  readonly stream: StreamName;
  readonly awareness = new AwarenessMap();
  readonly sessions = new Set<Session>();
  readonly guard = new RoomGuard();
  readonly hold = new FrameHold();
  readonly commit = new CommitTurn();
  readonly counts: RoomCounts;
  readonly encoded = new EncodedParts();
  readonly #live: LiveDocument<Change>;
  readonly #environment: RoomEnvironment;
  readonly #outbox = new Outbox();
  readonly #delivery: Delivery;
  #committedSeq: number;
  readonly #sinceCheckpoint: SinceCheckpoint;
  #enlisted = false;
  #closed: ContrailError | null = null;
  /** When somebody last had it open or asked for it, Unix ms. */
  neededAt: number;

  constructor(id: DocumentId, state: RoomState, environment: RoomEnvironment) {
    this.id = id;
    this.stream = documentStream(id);
    this.#committedSeq = state.seq;
    this.#sinceCheckpoint = new SinceCheckpoint(state.checkpointBytes, state.bytesSince);
    this.#environment = environment;
    this.counts = environment.counts;
    this.neededAt = environment.clock.now();
    this.#delivery = new Delivery({ sessions: this.sessions, outbox: this.#outbox, clock: environment.clock });
    this.#live = new LiveDocument<Change>(state.doc, (update, change) =>
      this.#enqueue(change ?? tidying(update), update),
    );
  }

  /** The live document. For reading alone; it may be ahead of what is durable. */
  get doc(): Y.Doc {
    return this.#orDrop(() => this.#live.doc);
  }

  /** Seq of the last durable event that this room knows of. */
  get seq(): number {
    return this.#committedSeq;
  }

  /** Seq that the last event accepted has or will have. */
  get head(): number {
    return this.#committedSeq + this.#outbox.edits;
  }

  get closed(): ContrailError | null {
    return this.#closed;
  }

  /** Nobody is in it and nothing is on its way to the log. */
  get idle(): boolean {
    return (
      this.sessions.size === 0 && !this.#enlisted && !this.commit.active && this.#outbox.clear && !this.hold.active
    );
  }

  enter(session: Session): void {
    this.sessions.add(session);
    this.#environment.observer?.entered(this, session);
  }

  leave(session: Session): void {
    if (!this.sessions.delete(session)) return;
    this.awareness.release(session);
    if (this.awareness.dirty) this.#environment.awarenessChanged(this);
    this.#environment.observer?.left(this, session);
    if (this.sessions.size === 0) this.neededAt = this.#environment.clock.now();
  }

  /**
   * Throws `log-unavailable` while the log cannot write: then an edit costs its sender the connection and nobody else theirs, whereas an
   * edit that was applied and cannot be logged takes the room along.
   */
  #assertWritable(): void {
    if (!this.#environment.writable())
      throw new ContrailError('log-unavailable', 'The event log cannot write now; it tries again by itself.');
  }

  /** Takes an update that merely continues what its client typed last; `false` when it does not, and the gate must decide. */
  type(parsed: ParsedUpdate, change: Change): boolean {
    if (this.#closed) return false;
    this.#assertWritable();
    const { kind, actor, meta, from, settle } = change;
    return this.#live.type(parsed, { kind, actor, meta, from, ranges: parsed.sections, settle });
  }

  /** Applies an update that the gate has accepted. When that throws, the room is dropped. */
  apply(parsed: ParsedUpdate, change: Change): void {
    this.#assertWritable();
    this.#orDrop(() => this.#live.apply(parsed, change));
  }

  /** Resolves once everything accepted so far is durable. */
  durable(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#outbox.edits === 0) return Promise.resolve();
    return new Promise((logged, failed) => this.#outbox.push({ kind: 'mark', settle: { logged, failed } }));
  }

  /**
   * Applies a server-made update as one event and resolves with its position once it is durable. The event holds the update byte for byte, or
   * none: undo and redo that changed nothing consume their stack. With `head`, it is logged right after that seq or not at all.
   */
  record(update: Uint8Array | null, change: Pick<Change, 'kind' | 'actor' | 'meta' | 'head'>): Promise<Position> {
    return new Promise((logged, failed) => {
      const ranges = update ? rangesOf(update) : [];
      const full: Change = { ...change, from: null, ranges, settle: { logged, failed } };
      try {
        if (this.guard.sealed) throw this.guard.sealed;
        if (this.#closed) throw this.#closed;
        this.#assertWritable();
        if (update) this.#orDrop(() => this.#live.write(update, full));
        else this.#enqueue(full, null);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Takes presence from one connection and lets the others know within the room's window. Whether it said anything new. */
  presence(session: Session, entries: readonly AwarenessEntry[]): boolean {
    const changed = this.awareness.receive(session, session.actor, entries);
    if (this.awareness.dirty) this.#environment.awarenessChanged(this);
    return changed;
  }

  /** Sends everybody the presence that changed since the last time. */
  flushPresence(): void {
    if (!this.awareness.dirty) return;
    const packet = this.#environment.pack(this.awareness.takeChanges());
    for (const session of this.sessions)
      if (session.role && session.outlet.offer(packet)) this.counts.awarenessSent += 1;
  }

  /** Edits that are in the document and that nobody was sent yet. */
  unsent(): readonly EditEntry[] {
    return [...this.#delivery.waiting, ...this.#outbox.pending].filter((entry) => entry.kind === 'edit');
  }

  /** Sends what `compose` makes to one session once everything before it is durable. */
  answer(session: Session, compose: () => readonly Packet[], then: AnswerEntry['then']): void {
    const entry: OutboxEntry = { kind: 'answer', session, compose, then };
    if (this.#outbox.clear) this.#deliver([entry], []);
    else this.#outbox.push(entry);
  }

  /** Ends the room: connections are closed, what is pending fails. It is loaded again when somebody opens it. */
  drop(error: ContrailError): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const entry of this.#outbox.drop()) if (entry.kind !== 'answer') entry.settle?.failed(error);
    this.#delivery.end();
    for (const session of this.sessions) session.outlet.close(error);
    this.sessions.clear();
    this.#live.destroy();
    this.#environment.dropped(this, error);
  }

  /** Leaves memory; nobody is in it and nothing is pending. */
  retire(): void {
    this.#closed = new ContrailError('restarting', 'The document has left memory.');
    this.#delivery.end();
    this.#live.destroy();
  }

  take(): AppendUnit {
    this.#enlisted = false;
    this.commit.begin();
    const { events, head } = this.#outbox.take();
    if (events.length === 0) return { events };
    const expect = head === null ? [] : [{ stream: this.stream, head }];
    if (!this.#sinceCheckpoint.isDue) return { events, expect };
    try {
      // It is exactly at the batch's last event, since everything pending is in the batch.
      const state = this.#orDrop(() => Y.encodeStateAsUpdate(this.#live.doc));
      this.#sinceCheckpoint.begin(state.length);
      return { events, expect, checkpoints: [{ stream: this.stream, state }] };
    } catch {
      // The room is dropped, and what was pending has failed with it.
      return { events: [] };
    }
  }

  committed(outcome: AppendOutcome): void {
    this.commit.end();
    if (this.#closed) return;
    if (!outcome.ok) return this.drop(new ContrailError('internal', 'The document is being reloaded.'));
    const last = outcome.positions.at(-1);
    if (last) this.#committedSeq = last.seq;
    this.#deliver(this.#outbox.release(), outcome.positions);
    if (this.#outbox.pendingEdits > 0) this.#enlist();
  }

  failed(error: unknown): void {
    this.commit.end();
    this.drop(asContrailError(error));
  }

  /** The live document is never trusted after an exception. */
  #orDrop<T>(work: () => T): T {
    if (this.#closed) throw this.#closed;
    try {
      return work();
    } catch (error) {
      const dropped = new ContrailError('internal', 'The document is being reloaded.', { cause: error });
      this.drop(dropped);
      throw dropped;
    }
  }

  #enqueue(change: Change, update: Uint8Array | null): void {
    const { kind, actor, meta, from, ranges, settle, head = null } = change;
    const event: NewEvent = {
      stream: this.stream,
      kind,
      actor,
      at: this.#environment.clock.now(),
      payload: update,
      meta,
    };
    const packet = update ? this.#environment.pack(updateHead(update.length), update) : null;
    this.#sinceCheckpoint.add(update?.length ?? 0);
    this.counts.editBytes += update?.length ?? 0;
    this.counts.edits += 1;
    this.#outbox.push({ kind: 'edit', event, packet, from, ranges, settle, head });
    if (!this.commit.active) this.#enlist();
  }

  #deliver(entries: readonly OutboxEntry[], positions: readonly Position[]): void {
    this.#delivery.release(entries, positions, this.#committedSeq);
  }

  #enlist(): void {
    if (this.#enlisted) return;
    this.#enlisted = true;
    this.#environment.committer.enlist(this);
  }
}
