// What undo stacks must be: one Y.UndoManager per person and one for the document, in memory, over a document that was never closed.

import * as Y from 'yjs';
import { documentJson } from '../../src/crdt/root-types.js';
import type { UndoScope } from '../../src/crdt/undo-event.js';
import type { UserId } from '../../src/model/ids.js';

/** In-memory managers of one document that was never closed. */
export class UndoOracle {
  readonly doc = new Y.Doc({ gc: false });
  readonly #managers = new Map<string, Y.UndoManager>();
  readonly #last = new Map<string, { at: number; actor: string }>();
  #seq = 0;

  readonly #options: { readonly groupMs: number; readonly client: number };

  constructor(people: readonly UserId[], options: { readonly groupMs: number; readonly client: number }) {
    this.#options = options;
    for (const name of [...people, '*']) {
      const trackedOrigins = new Set<unknown>(name === '*' ? people.map((person) => `by ${person}`) : [`by ${name}`]);
      const manager = new Y.UndoManager(this.doc, { trackedOrigins, captureTimeout: 1e12 });
      const note = ({ stackItem }: { stackItem: { meta: Map<unknown, unknown> } }) =>
        stackItem.meta.set('seqs', [...((stackItem.meta.get('seqs') as number[]) ?? []), this.#seq]);
      manager.on('stack-item-added', note);
      manager.on('stack-item-updated', note);
      this.#managers.set(name, manager);
    }
  }

  manager(scope: UndoScope, actor: UserId): Y.UndoManager {
    const manager = this.#managers.get(scope === 'document' ? '*' : actor);
    if (manager === undefined) throw new Error('no such manager');
    return manager;
  }

  edit(actor: UserId, update: Uint8Array, { seq, at }: { seq: number; at: number }): void {
    this.#seq = seq;
    for (const name of [actor, '*']) {
      const last = this.#last.get(name);
      if (last === undefined || last.actor !== actor || at - last.at >= this.#options.groupMs)
        this.#managers.get(name)?.stopCapturing();
      this.#last.set(name, { at, actor });
    }
    this.apply(update, `by ${actor}`);
  }

  /** As a local transaction: tidying is logged by the room, once. */
  apply(update: Uint8Array, origin: string | null): void {
    this.doc.transact((transaction) => {
      Y.applyUpdate(this.doc, update);
      transaction.local = true;
    }, origin);
  }

  /** The update that the undo makes, and the seqs of the step it took back. */
  undo(
    kind: 'undo' | 'redo',
    scope: UndoScope,
    actor: UserId,
    seq: number,
  ): { readonly update: Uint8Array | null; readonly undone: readonly number[] } {
    this.#seq = seq;
    const own = this.doc.clientID;
    let update: Uint8Array | null = null;
    this.doc.clientID = this.#options.client;
    const keep = (emitted: Uint8Array) => {
      update = emitted;
    };
    this.doc.on('update', keep);
    const step = this.manager(scope, actor)[kind]();
    this.doc.off('update', keep);
    this.doc.clientID = own;
    for (const name of [actor, '*']) {
      this.#last.delete(name);
      this.#managers.get(name)?.stopCapturing();
    }
    return { update, undone: step?.meta.get('seqs') ?? [] };
  }

  steps(kind: 'undo' | 'redo', scope: UndoScope, actor: UserId): unknown {
    const manager = this.manager(scope, actor);
    return (kind === 'undo' ? manager.undoStack : manager.redoStack).map((step) => step.meta.get('seqs'));
  }
}

/** Everything that people can see of a document, whatever the order of keys. */
export const visible = (doc: Y.Doc): string => orderless(documentJson(doc));

/** JSON text in which the order of keys makes no difference. */
export const orderless = (json: unknown): string => JSON.stringify(sorted(json));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => [key, sorted(entry)]);
};
