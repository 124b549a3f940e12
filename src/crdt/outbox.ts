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
}

/** An answer to one connection, computed from a state that includes every entry before it. */
export interface AnswerEntry {
  readonly kind: 'answer';
  readonly session: Session;
  /** Called when it leaves. */
  readonly compose: () => readonly Packet[];
  /** What changes for the session once the answer is out. */
  readonly then: 'joined' | 'caught-up' | 'saved' | null;
}

export type OutboxEntry = EditEntry | AnswerEntry;

export class Outbox {
  #inFlight: OutboxEntry[] = [];
  #waiting: OutboxEntry[] = [];
  #waitingEdits = 0;

  /** Nothing is held back: an answer may leave at once. */
  get clear(): boolean {
    return this.#inFlight.length === 0 && this.#waiting.length === 0;
  }

  /** Events that no commit has been asked for yet. */
  get pendingEdits(): number {
    return this.#waitingEdits;
  }

  push(entry: OutboxEntry): void {
    this.#waiting.push(entry);
    if (entry.kind === 'edit') this.#waitingEdits += 1;
  }

  /** The events for the next commit; the answers between them wait with them. */
  take(): NewEvent[] {
    const events: NewEvent[] = [];
    for (const entry of this.#waiting) if (entry.kind === 'edit') events.push(entry.event);
    this.#inFlight = this.#waiting;
    this.#waiting = [];
    this.#waitingEdits = 0;
    return events;
  }

  /** The commit of what `take` handed over is durable: all of it may leave, and so may the answers that came after it. */
  release(): OutboxEntry[] {
    const released = this.#inFlight;
    this.#inFlight = [];
    let answers = 0;
    while (this.#waiting[answers]?.kind === 'answer') answers += 1;
    return answers === 0 ? released : released.concat(this.#waiting.splice(0, answers));
  }

  /** Everything that will now never leave. */
  drop(): OutboxEntry[] {
    const dropped = this.#inFlight.concat(this.#waiting);
    this.#inFlight = [];
    this.#waiting = [];
    this.#waitingEdits = 0;
    return dropped;
  }
}
