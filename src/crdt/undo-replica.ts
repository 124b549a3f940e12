// A document's undo stacks, derived from the log: the tail of the history replayed into a replica that keeps deleted content, with one
// stack per actor and one for the document, earlier undo and redo events executed again.
//
// ### Why executing again gives the logged bytes
// What Y.UndoManager does depends on the items, the links between redone ones and the stacks; all three follow from the events in their order. The
// base state is always collected (replay.ts), so it does not depend on where checkpoints stand. Steps that lie before the replay's
// start cannot be executed; `from` in each event's meta says what was in reach when it was computed, and the replay of later ones forgets
// the rest. Where the outcome differs from the log nevertheless, `apply` says so, and whoever drives the replica begins anew with that event adopted: its
// update applied as it stands. The log is right, always.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { type LoggedEvent, updateKinds } from '../model/events.js';
import { systemActor, type UserId } from '../model/ids.js';
import { originsAreInOrder } from './origin-order.js';
import { refusePending } from './replay.js';
import { parseUndoMeta, type UndoMeta, type UndoScope } from './undo-event.js';
import { UndoStack } from './undo-stack.js';

export interface UndoReplicaOptions {
  /** The seq of the base state. */
  readonly from: number;
  /** A pause of this length or more between two edits of an actor begins a new step. */
  readonly groupMs: number;
  /** Seqs at which a step ends whatever the times say: the `from` of undo and redo events that follow. */
  readonly cuts?: ReadonlySet<number>;
  /** Undo and redo events to take over as they stand, by seq. */
  readonly adopted?: Pick<ReadonlySet<number>, 'has'>;
}

export interface UndoRequest {
  readonly kind: 'undo' | 'redo';
  readonly scope: UndoScope;
  readonly actor: UserId;
  /** The document's server client id. */
  readonly client: number;
}

export interface UndoOutcome {
  /** What Yjs emitted; `null` when nothing changed, which is an event all the same. */
  readonly update: Uint8Array | null;
  readonly undone: readonly number[];
}

export class UndoReplica {
  readonly doc: Y.Doc;
  readonly from: number;
  #seq: number;
  readonly #options: UndoReplicaOptions;
  readonly #document: UndoStack;
  readonly #users = new Map<UserId, { readonly stack: UndoStack; readonly origin: object }>();

  /** Takes `base` over: the state at `from`, without deleted content. */
  constructor(base: Y.Doc, options: UndoReplicaOptions) {
    this.doc = base;
    this.doc.gc = false;
    this.from = options.from;
    this.#seq = options.from;
    this.#options = options;
    this.#document = new UndoStack(base);
  }

  /** The seq of the last event applied. */
  get seq(): number {
    return this.#seq;
  }

  /** Applies the next event. `false` when it is an undo or redo that came out differently: the replica is then of no use. */
  apply(event: LoggedEvent): boolean {
    this.#seq = event.seq;
    const faithful = this.#replay(event);
    if (this.#options.cuts?.has(event.seq)) this.#endSteps();
    refusePending(this.doc, event.seq);
    return faithful;
  }

  #replay(event: LoggedEvent): boolean {
    const { payload, kind } = event;
    if (!updateKinds.has(kind)) return true;
    if (kind === 'undo' || kind === 'redo') {
      const meta = parseUndoMeta(event);
      if (meta !== null) return this.#repeat({ ...event, kind }, meta);
    }
    if (payload === null) return true;
    if (kind === 'created' || event.actor === systemActor) this.#update(payload, null);
    else this.#track(event, payload);
    return true;
  }

  /** Applies a person's edit, so that the stacks take it up. A restore is a step of its own, before and after. */
  #track(event: LoggedEvent, payload: Uint8Array): void {
    const { stack, origin } = this.#user(event.actor);
    if (event.kind !== 'edit') this.#endStep(event.actor);
    stack.begin(event, this.#options.groupMs);
    this.#document.begin(event, this.#options.groupMs);
    this.#update(payload, origin);
    if (event.kind !== 'edit') this.#endStep(event.actor);
  }

  #repeat(event: LoggedEvent & { readonly kind: 'undo' | 'redo' }, meta: UndoMeta): boolean {
    const { kind, seq, payload } = event;
    const stack = this.#stack(meta.scope, event.actor);
    stack.forgetThrough(meta.from);
    const outOfReach = meta.undone.some((undone) => undone <= this.from);
    if (outOfReach || this.#options.adopted?.has(seq)) {
      stack.adopt(kind, { seq, undone: meta.undone }, (origin) => {
        if (payload !== null) this.#update(payload, origin);
      });
      this.#endStep(event.actor);
      return true;
    }
    const { update } = this.#execute({ kind, scope: meta.scope, actor: event.actor, client: meta.client }, seq);
    return sameBytes(update, payload) && this.#holds(update);
  }

  /** Whether there is a step to take back. */
  has(request: UndoRequest): boolean {
    return !this.#stack(request.scope, request.actor).isEmpty(request.kind);
  }

  /**
   * Executes a new undo or redo, as the event that will follow the last one applied. `faithful` is false when the replica now differs from
   * what the update makes of other documents, and is of no use any more. Throws `nothing-to-undo` when there is no step.
   */
  execute(request: UndoRequest): UndoOutcome & { readonly faithful: boolean } {
    if (!this.has(request)) throw new ContrailError('nothing-to-undo', `There is no step to ${request.kind}.`);
    this.#seq += 1;
    const outcome = this.#execute(request, this.#seq);
    return { ...outcome, faithful: this.#holds(outcome.update) };
  }

  #holds(update: Uint8Array | null): boolean {
    return update === null || originsAreInOrder(this.doc, update);
  }

  #execute(request: UndoRequest, seq: number): UndoOutcome {
    const { doc } = this;
    const own = doc.clientID;
    let update: Uint8Array | null = null;
    const keep = (emitted: Uint8Array) => {
      update = emitted;
    };
    doc.clientID = request.client;
    doc.on('update', keep);
    try {
      const undone = this.#stack(request.scope, request.actor).execute(request.kind, seq);
      return { update, undone };
    } finally {
      doc.off('update', keep);
      doc.clientID = own;
      this.#endStep(request.actor);
    }
  }

  /** Applies an update as local, so that Yjs does not tidy formatting by itself (see replay.ts). */
  #update(payload: Uint8Array, origin: object | null): void {
    this.doc.transact((transaction) => {
      Y.applyUpdate(this.doc, payload);
      transaction.local = true;
      for (const type of transaction.changed.keys()) type._searchMarker?.splice(0);
    }, origin);
  }

  #stack(scope: UndoScope, actor: UserId): UndoStack {
    return scope === 'document' ? this.#document : this.#user(actor).stack;
  }

  #user(actor: UserId): { readonly stack: UndoStack; readonly origin: object } {
    const known = this.#users.get(actor);
    if (known !== undefined) return known;
    const user = { stack: new UndoStack(this.doc), origin: { actor } };
    user.stack.track(user.origin);
    this.#document.track(user.origin);
    this.#users.set(actor, user);
    return user;
  }

  #endStep(actor: UserId): void {
    this.#user(actor).stack.endStep();
    this.#document.endStep();
  }

  #endSteps(): void {
    for (const { stack } of this.#users.values()) stack.endStep();
    this.#document.endStep();
  }

  /** The seqs of each step of a stack, newest last. */
  steps(kind: 'undo' | 'redo', scope: UndoScope, actor: UserId): readonly (readonly number[])[] {
    return this.#stack(scope, actor).steps(kind);
  }
}

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
