// One person's undo and redo stack, or the document's: a Y.UndoManager that knows which events each of its steps came from, and whose
// steps are cut by event times instead of the wall clock.

import * as Y from 'yjs';

/** The least part of a logged event that grouping looks at. */
export interface StepEvent {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
}

const seqsKey = 'seqs';
type StackItem = Y.UndoManager['undoStack'][number];

export class UndoStack {
  readonly #manager: Y.UndoManager;
  #last: { readonly at: number; readonly actor: string } | null = null;
  #seq = 0;

  /** Tracks what is applied to `doc` with one of the origins given to `track`; all roots are in scope, also those yet to come. */
  constructor(doc: Y.Doc) {
    this.#manager = new Y.UndoManager(doc, { trackedOrigins: new Set(), captureTimeout: Number.POSITIVE_INFINITY });
    const note = ({ stackItem }: { readonly stackItem: StackItem }) => {
      const seqs: number[] = stackItem.meta.get(seqsKey) ?? [];
      stackItem.meta.set(seqsKey, [...seqs, this.#seq]);
    };
    this.#manager.on('stack-item-added', note);
    this.#manager.on('stack-item-updated', note);
  }

  track(origin: object): void {
    this.#manager.addTrackedOrigin(origin);
  }

  /** To be called before an event of a tracked origin is applied: decides whether it goes on with the last step. */
  begin(event: StepEvent, groupMs: number): void {
    this.#seq = event.seq;
    if (this.#last === null || event.actor !== this.#last.actor || event.at - this.#last.at >= groupMs) this.endStep();
    this.#last = event;
  }

  /** The next event begins a step of its own. */
  endStep(): void {
    this.#last = null;
    this.#manager.stopCapturing();
  }

  isEmpty(kind: 'undo' | 'redo'): boolean {
    return !(kind === 'undo' ? this.#manager.canUndo() : this.#manager.canRedo());
  }

  /** Takes back the last step that still has an effect; `seq` is that of the event this is or will be. Returns the step's seqs. */
  execute(kind: 'undo' | 'redo', seq: number): readonly number[] {
    this.#seq = seq;
    const step = kind === 'undo' ? this.#manager.undo() : this.#manager.redo();
    return step === null ? [] : seqsOf(step);
  }

  /** Applies a logged undo or redo without executing it: the step leaves its stack, the counter-step is what the update did. */
  adopt(
    kind: 'undo' | 'redo',
    event: { readonly seq: number; readonly undone: readonly number[] },
    apply: (origin: object) => void,
  ): void {
    const manager = this.#manager;
    const stack = kind === 'undo' ? manager.undoStack : manager.redoStack;
    const isUndone = (step: StackItem) => seqsOf(step).some((seq) => event.undone.includes(seq));
    const at = event.undone.length === 0 ? 0 : stack.findLastIndex(isUndone);
    if (at >= 0) stack.splice(at);
    this.#seq = event.seq;
    manager.undoing = kind === 'undo';
    manager.redoing = kind === 'redo';
    try {
      apply(manager);
    } finally {
      manager.undoing = false;
      manager.redoing = false;
    }
  }

  /** Forgets the steps that lie wholly at or before `seq`. */
  forgetThrough(seq: number): void {
    const reachable = (step: StackItem) => seqsOf(step).some((member) => member > seq);
    this.#manager.undoStack = this.#manager.undoStack.filter(reachable);
    this.#manager.redoStack = this.#manager.redoStack.filter(reachable);
  }

  /** The seqs of each step, newest last: for tests and for comparing. */
  steps(kind: 'undo' | 'redo'): readonly (readonly number[])[] {
    return (kind === 'undo' ? this.#manager.undoStack : this.#manager.redoStack).map(seqsOf);
  }
}

const seqsOf = (step: StackItem): readonly number[] => step.meta.get(seqsKey) ?? [];
