// A random program for undo: three people edit with stock Y.Docs, undo and redo through the log, and the server forgets everything in
// memory now and then. Beside it runs an oracle of Y.UndoManagers that never restart.

import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { originsAreInOrder } from '../../src/crdt/origin-order.js';
import { replayInto } from '../../src/crdt/replay.js';
import { documentJson } from '../../src/crdt/root-types.js';
import { UndoHistory } from '../../src/crdt/undo.js';
import type { UndoScope } from '../../src/crdt/undo-event.js';
import { ContrailError } from '../../src/model/errors.js';
import { systemActor, type UserId } from '../../src/model/ids.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';
import { dice } from '../support/random.js';
import { type EditKind, randomEdit } from '../support/random-edits.js';
import { UndoOracle, visible } from './undo-oracle.js';

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
  tidied: number;
  twisted: number;
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
  #emitted: Uint8Array[] = [];

  constructor() {
    this.doc.on('update', (update: Uint8Array) => {
      this.#emitted.push(update);
    });
  }

  /** What the document emits: the delta, and what it does by itself after that, tidying formats. */
  apply(update: Uint8Array): readonly Uint8Array[] {
    this.#emitted = [];
    Y.applyUpdate(this.doc, update);
    return this.#emitted;
  }
}

const lettersOfOthers = (doc: Y.Doc, actor: UserId): number =>
  String(documentJson(doc)['content'] ?? '').replaceAll(actor.slice(0, 1), '').length;

/** Runs one program; throws at the first difference. */
export const runUndoProgram = async (program: UndoProgram): Promise<UndoFigures> => {
  const random = dice(program.seed);
  const { chance, pick, below } = random;
  const figures = {
    events: 0,
    undos: 0,
    empty: 0,
    restarts: 0,
    discarded: 0,
    rebuilds: 0,
    reEncoded: 0,
    tidied: 0,
    twisted: 0,
  };
  const log = new DocumentLog('plan', { checkpoints: true });
  const options = { groupMs, depth: program.depth };
  const oracle = new UndoOracle(people, { groupMs, client: serverClient });
  let comparing = program.oracle;
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
  const tidy = (updates: readonly Uint8Array[]) => {
    for (const payload of updates) {
      log.append({ actor: systemActor, at, payload });
      oracle.apply(payload, null);
      send(payload);
      figures.tidied += 1;
    }
  };
  const edit = () => {
    const { actor, doc } = pick(clients);
    randomEdit(doc, actor, random, program.kinds);
  };
  for (const { actor, doc } of clients)
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      const [delta, ...tidied] = origin === 'server' ? [] : room.apply(update);
      if (delta === undefined) return;
      const { seq } = log.append({ actor, at, payload: delta });
      oracle.edit(actor, delta, { seq, at });
      send(delta, doc);
      tidy(tidied);
    });
  const undo = async () => {
    const actor = pick(people);
    const kind = chance(0.6) ? 'undo' : 'redo';
    const scope: UndoScope = chance(0.75) ? 'user' : 'document';
    const request = { kind, scope, actor, client: serverClient } as const;
    const others = lettersOfOthers(room.doc, actor);
    const replica = await history.replica();
    assert.is(visible(replica.doc), visible(room.doc), 'the replica and the room');
    if (comparing) {
      for (const which of ['undo', 'redo'] as const)
        assert.equal(replica.steps(which, scope, actor), oracle.steps(which, scope, actor), 'the stacks');
    }
    const answer = await history.compute(request).catch((error) => {
      if (error instanceof ContrailError && error.code === 'nothing-to-undo') return null;
      throw error;
    });
    if (answer === null) {
      if (comparing) assert.equal(oracle.steps(kind, scope, actor), []);
      return;
    }
    if (chance(0.1)) {
      figures.discarded += 1;
      return;
    }
    const { update, meta } = answer;
    assert.is(answer.head, log.seq);
    const [emitted, ...tidied] = update === null ? [] : room.apply(update);
    if (update !== null && Buffer.compare(emitted ?? new Uint8Array(), update) !== 0) figures.reEncoded += 1;
    const { seq } = log.append({ actor, at, kind, payload: update, meta });
    const made = oracle.undo(kind, scope, actor, seq).update;
    if (comparing && made !== null && !originsAreInOrder(oracle.doc, made)) {
      // A fault of Yjs: the oracle's own document has left what everybody else sees.
      figures.twisted += 1;
      comparing = false;
    }
    if (update !== null) send(update);
    tidy(tidied);
    figures.undos += 1;
    if (update === null) figures.empty += 1;
    if (kind === 'undo' && scope === 'user' && program.kinds?.every((each) => each === 'text' || each === 'map'))
      assert.ok(lettersOfOthers(room.doc, actor) >= others, "another person's text was removed");
    if (comparing) assert.is(visible(room.doc), visible(oracle.doc), 'the room and the oracle');
  };

  const seeded = new Y.Doc();
  seeded.clientID = serverClient;
  seeded.getText('content').insert(0, '........');
  const seed = Y.encodeStateAsUpdate(seeded);
  log.append({ actor: pick(people), at, kind: 'created', payload: seed });
  for (const doc of [room.doc, oracle.doc, ...clients.map((client) => client.doc)]) Y.applyUpdate(doc, seed, 'server');

  for (let step = 0; step < program.steps; step++) {
    at += chance(0.5) ? below(400) : 500 + below(900);
    for (const { doc, waiting } of clients)
      if (chance(0.6)) for (const update of waiting.splice(0)) Y.applyUpdate(doc, update, 'server');
    if (chance(0.06)) {
      figures.restarts += 1;
      figures.rebuilds += history.rebuilds;
      history = new UndoHistory(log, log.id, options);
      room = new Room();
      replayInto(room.doc, log.events);
    }
    if (chance(0.3)) await undo();
    else edit();
  }
  while (clients.some(({ waiting }) => waiting.length > 0))
    for (const { doc, waiting } of clients)
      for (const update of waiting.splice(0)) Y.applyUpdate(doc, update, 'server');
  for (const { doc } of clients) {
    assert.is(visible(doc), visible(room.doc), 'a client');
  }
  const replica = await history.replica();
  assert.is(visible(replica.doc), visible(room.doc), 'the replica');
  const [replayed, reloaded] = [new Y.Doc(), new Y.Doc()];
  replayInto(replayed, log.events);
  assert.is(visible(replayed), visible(room.doc), 'a replay of the log');
  Y.applyUpdate(reloaded, Y.encodeStateAsUpdate(replayed));
  assert.is(visible(reloaded), visible(room.doc), 'who comes later and gets the state');
  figures.events = log.seq;
  figures.rebuilds += history.rebuilds;
  return figures;
};

/** Runs `count` programs from `seed` on and adds up their figures. */
export const run = async (count: number, seed: number, program: Omit<UndoProgram, 'seed'>): Promise<UndoFigures> => {
  const total: UndoFigures = {
    events: 0,
    undos: 0,
    empty: 0,
    restarts: 0,
    discarded: 0,
    rebuilds: 0,
    reEncoded: 0,
    tidied: 0,
    twisted: 0,
  };
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
