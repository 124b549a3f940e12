// A random program for undo: three people edit with stock Y.Docs, undo and redo through the log, and the server forgets everything in
// memory now and then. Beside it runs an oracle of Y.UndoManagers that never restart.

import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { documentJson } from '../../src/crdt/root-types.js';
import { UndoHistory } from '../../src/crdt/undo.js';
import type { UndoScope } from '../../src/crdt/undo-event.js';
import { ContrailError } from '../../src/model/errors.js';
import type { UserId } from '../../src/model/ids.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';
import { dice } from '../support/random.js';
import { type EditKind, randomEdit } from '../support/random-edits.js';

const people = ['alice', 'bob', 'carol'].map(userIdOf);
const groupMs = 500;
const serverClient = 4_000_000_001;

export interface UndoFigures {
  events: number;
  undos: number;
  empty: number;
  restarts: number;
  discarded: number;
  rebuilds: number;
  reEncoded: number;
}

export interface UndoProgram {
  readonly seed: number;
  readonly steps: number;
  readonly depth: number;
  readonly kinds?: readonly EditKind[];
  /** Whether the stacks must equal the oracle's; only where `depth` covers the whole history. */
  readonly oracle: boolean;
}

class Room {
  readonly doc = new Y.Doc();
  emitted: Uint8Array | null = null;

  constructor() {
    this.doc.on('update', (update: Uint8Array) => {
      this.emitted = update;
    });
  }

  apply(update: Uint8Array): Uint8Array | null {
    this.emitted = null;
    Y.applyUpdate(this.doc, update);
    return this.emitted;
  }
}

/** In-memory managers of one document that was never closed. */
class Oracle {
  readonly doc = new Y.Doc({ gc: false });
  readonly #managers = new Map<string, Y.UndoManager>();
  readonly #last = new Map<string, { at: number; actor: string }>();
  #seq = 0;

  constructor() {
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
      if (last === undefined || last.actor !== actor || at - last.at >= groupMs)
        this.#managers.get(name)?.stopCapturing();
      this.#last.set(name, { at, actor });
    }
    Y.applyUpdate(this.doc, update, `by ${actor}`);
  }

  undo(kind: 'undo' | 'redo', scope: UndoScope, actor: UserId, seq: number): void {
    this.#seq = seq;
    const own = this.doc.clientID;
    this.doc.clientID = serverClient;
    this.manager(scope, actor)[kind]();
    this.doc.clientID = own;
    for (const name of [actor, '*']) {
      this.#last.delete(name);
      this.#managers.get(name)?.stopCapturing();
    }
  }

  steps(kind: 'undo' | 'redo', scope: UndoScope, actor: UserId): unknown {
    const manager = this.manager(scope, actor);
    return (kind === 'undo' ? manager.undoStack : manager.redoStack).map((step) => step.meta.get('seqs'));
  }
}

const lettersOfOthers = (doc: Y.Doc, actor: UserId): number =>
  String(documentJson(doc)['content'] ?? '').replaceAll(actor.slice(0, 1), '').length;

/** Runs one program; throws at the first difference. */
export const runUndoProgram = async (program: UndoProgram): Promise<UndoFigures> => {
  const random = dice(program.seed);
  const { chance, pick, below } = random;
  const figures = { events: 0, undos: 0, empty: 0, restarts: 0, discarded: 0, rebuilds: 0, reEncoded: 0 };
  const log = new DocumentLog('plan', { checkpoints: true });
  const options = { groupMs, depth: program.depth };
  const oracle = new Oracle();
  let room = new Room();
  let history = new UndoHistory(log, log.id, options);
  const clients = people.map((actor, index) => {
    const doc = new Y.Doc();
    doc.clientID = 100 + index;
    return { actor, doc, waiting: [] as Uint8Array[] };
  });
  let at = 1_000_000;
  const send = (update: Uint8Array, except?: Y.Doc) => {
    for (const { doc, waiting } of clients) if (doc !== except) waiting.push(update);
  };
  const edit = () => {
    const { actor, doc } = pick(clients);
    let update: Uint8Array | null = null;
    doc.once('update', (emitted: Uint8Array) => {
      update = emitted;
    });
    randomEdit(doc, actor, random, program.kinds);
    const delta = update === null ? null : room.apply(update);
    if (delta === null) return;
    const { seq } = log.append({ actor, at, payload: delta });
    oracle.edit(actor, delta, { seq, at });
    send(delta, doc);
  };
  const undo = async () => {
    const actor = pick(people);
    const kind = chance(0.6) ? 'undo' : 'redo';
    const scope: UndoScope = chance(0.75) ? 'user' : 'document';
    const request = { kind, scope, actor, client: serverClient } as const;
    const others = lettersOfOthers(room.doc, actor);
    if (program.oracle) {
      const replica = await history.replica();
      for (const which of ['undo', 'redo'] as const)
        assert.equal(replica.steps(which, scope, actor), oracle.steps(which, scope, actor), 'the stacks');
    }
    const answer = await history.compute(request).catch((error) => {
      if (error instanceof ContrailError && error.code === 'nothing-to-undo') return null;
      throw error;
    });
    if (answer === null) {
      if (program.oracle) assert.equal(oracle.steps(kind, scope, actor), []);
      return;
    }
    if (chance(0.1)) {
      figures.discarded += 1;
      return;
    }
    const { update, meta } = answer;
    assert.is(answer.head, log.seq);
    const emitted = update === null ? null : room.apply(update);
    if (update !== null && Buffer.compare(emitted ?? new Uint8Array(), update) !== 0) figures.reEncoded += 1;
    const { seq } = log.append({ actor, at, kind, payload: update, meta });
    oracle.undo(kind, scope, actor, seq);
    if (update !== null) send(update);
    figures.undos += 1;
    if (update === null) figures.empty += 1;
    if (kind === 'undo' && scope === 'user' && program.kinds?.every((each) => each === 'text' || each === 'map'))
      assert.ok(lettersOfOthers(room.doc, actor) >= others, "another person's text was removed");
    if (program.oracle)
      assert.is(JSON.stringify(sorted(documentJson(room.doc))), JSON.stringify(sorted(documentJson(oracle.doc))));
  };

  const seeded = new Y.Doc();
  seeded.clientID = serverClient;
  seeded.getText('content').insert(0, '........');
  const seed = Y.encodeStateAsUpdate(seeded);
  log.append({ actor: pick(people), at, kind: 'created', payload: seed });
  for (const doc of [room.doc, oracle.doc, ...clients.map((client) => client.doc)]) Y.applyUpdate(doc, seed);

  for (let step = 0; step < program.steps; step++) {
    at += chance(0.5) ? below(400) : 500 + below(900);
    for (const { doc, waiting } of clients)
      if (chance(0.6)) for (const update of waiting.splice(0)) Y.applyUpdate(doc, update);
    if (chance(0.06)) {
      figures.restarts += 1;
      figures.rebuilds += history.rebuilds;
      history = new UndoHistory(log, log.id, options);
      room = new Room();
      for (const { payload } of log.events) if (payload !== null) room.apply(payload);
    }
    if (chance(0.3)) await undo();
    else edit();
  }
  for (const { doc, waiting } of clients) {
    for (const update of waiting) Y.applyUpdate(doc, update);
    assert.is(JSON.stringify(sorted(documentJson(doc))), JSON.stringify(sorted(documentJson(room.doc))), 'a client');
  }
  const replica = await history.replica();
  assert.is(JSON.stringify(sorted(documentJson(replica.doc))), JSON.stringify(sorted(documentJson(room.doc))));
  figures.events = log.seq;
  figures.rebuilds += history.rebuilds;
  return figures;
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => [key, sorted(entry)]);
};

/** Runs `count` programs from `seed` on and adds up their figures. */
export const run = async (count: number, seed: number, program: Omit<UndoProgram, 'seed'>): Promise<UndoFigures> => {
  const total: UndoFigures = { events: 0, undos: 0, empty: 0, restarts: 0, discarded: 0, rebuilds: 0, reEncoded: 0 };
  for (let offset = 0; offset < count; offset++) {
    try {
      const figures = await runUndoProgram({ ...program, seed: seed + offset });
      for (const key of Object.keys(total) as (keyof UndoFigures)[]) total[key] += figures[key];
    } catch (error) {
      console.error(`  SEED=${seed + offset}`);
      throw error;
    }
  }
  return total;
};
