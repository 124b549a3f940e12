// What a room wants to send, in order, held back until the events before it are durable (I1).

import type { NewEvent } from '../model/events.js';
import type { ClockRange, Settle } from './change.js';
import type { Packet } from './outlet.js';
import type { Session } from './session.js';

/** An event on its way into the log, and the frame that tells the others. */
export interface EditEntry {
  readonly kind: 'edit';
  readonly event: NewEvent;
  /** `null` for events that change no content. */
  readonly packet: Packet | null;
  readonly from: Session | null;
  readonly ranges: readonly ClockRange[];
  readonly settle: Settle | null;
  /** The head it must be logged right after; `null` where the order of the room is enough. */
  readonly head: number | null;
}

/** An answer to one connection, computed from a state that includes every entry before it. */
export interface AnswerEntry {
  readonly kind: 'answer';
  readonly session: Session;
  /** Called when it leaves. */
  readonly compose: () => readonly Packet[];
  /** What changes for the session once the answer is out; a function is told the last durable seq. */
  readonly then: 'joined' | 'caught-up' | 'saved' | ((seq: number) => void) | null;
}

/** Reached once everything before it is durable. */
export interface MarkEntry {
  readonly kind: 'mark';
  readonly settle: { readonly logged: () => void; readonly failed: (error: unknown) => void };
}

export type OutboxEntry = EditEntry | AnswerEntry | MarkEntry;

export class Outbox {
  #inFlight: OutboxEntry[] = [];
  #waiting: OutboxEntry[] = [];
  #waitingEdits = 0;
  #inFlightEdits = 0;

  /** Nothing is held back: an answer may leave at once. */
  get clear(): boolean {
    return this.#inFlight.length === 0 && this.#waiting.length === 0;
  }

  /** Events that no commit has been asked for yet. */
  get pendingEdits(): number {
    return this.#waitingEdits;
  }

  /** Events that are not known to be durable. */
  get edits(): number {
    return this.#inFlightEdits + this.#waitingEdits;
  }

  /** Whether an edit of the session is not durable yet. */
  awaits(session: Session): boolean {
    const isTheirs = (entry: OutboxEntry) => entry.kind === 'edit' && entry.from === session;
    return this.#waiting.some(isTheirs) || this.#inFlight.some(isTheirs);
  }

  /** Everything that is held back, in order. */
  get pending(): readonly OutboxEntry[] {
    return this.#inFlight.concat(this.#waiting);
  }

  push(entry: OutboxEntry): void {
    this.#waiting.push(entry);
    if (entry.kind === 'edit') this.#waitingEdits += 1;
  }

  /** The events for the next commit, and the head it must begin at if one of them says so; the answers between them wait with them. */
  take(): { readonly events: readonly NewEvent[]; readonly head: number | null } {
    const events: NewEvent[] = [];
    let head: number | null = null;
    for (const entry of this.#waiting) {
      if (entry.kind !== 'edit') continue;
      if (entry.head !== null) head = entry.head - events.length;
      events.push(entry.event);
    }
    this.#inFlight = this.#waiting;
    this.#waiting = [];
    this.#inFlightEdits = events.length;
    this.#waitingEdits = 0;
    return { events, head };
  }

  /** The commit of what `take` handed over is durable: all of it may leave, and so may the answers that came after it. */
  release(): OutboxEntry[] {
    const released = this.#inFlight;
    this.#inFlight = [];
    this.#inFlightEdits = 0;
    let answers = 0;
    while (answers < this.#waiting.length && this.#waiting[answers]?.kind !== 'edit') answers += 1;
    return answers === 0 ? released : released.concat(this.#waiting.splice(0, answers));
  }

  /** Everything that will now never leave. */
  drop(): OutboxEntry[] {
    const dropped = this.#inFlight.concat(this.#waiting);
    this.#inFlight = [];
    this.#waiting = [];
    this.#inFlightEdits = 0;
    this.#waitingEdits = 0;
    return dropped;
  }
}
