// Throws maimed and made-up updates at gated documents. Whatever is accepted must leave the document sound, be heard, and replay and
// reload to the same document. Run by gate.fuzz.test.ts with a small count and by test/torture/gate.ts with any.

import * as Y from 'yjs';
import { syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { type Id, kinds } from '../../src/crdt/update-structs.js';
import { assertReplays } from './document-dump.js';
import { EditingSession } from './editing-session.js';
import type { GatedDocument } from './gated-document.js';
import { randomNumbers, seededRandom } from './random-edits.js';
import {
  text,
  varUint,
  type WrittenDeletes,
  type WrittenSection,
  type WrittenStruct,
  writeUpdate,
} from './update-writer.js';

type Random = () => number;

export interface FuzzCounts {
  offered: number;
  accepted: number;
  /** Of the accepted, those that changed the document. */
  changed: number;
  'not-ready': number;
  refused: number;
  /** Of the accepted, those whose origins were repaired. */
  repaired: number;
  /** How often each rule refused. */
  readonly rules: Map<string, number>;
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <Value>(random: Random, list: readonly Value[]): Value => list[below(random, list.length)] as Value;

const boundaries = [
  0,
  1,
  127,
  128,
  255,
  2 ** 14,
  2 ** 21,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
];

const maim = (random: Random, update: Uint8Array, other: Uint8Array): Uint8Array => {
  const bytes = [...update];
  for (let times = 1 + below(random, 3); times > 0; times -= 1) {
    const at = below(random, bytes.length + 1);
    switch (below(random, 7)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 1:
        bytes[at] = below(random, 256);
        break;
      case 2:
        bytes[at] = (bytes[at] ?? 0) + (random() < 0.5 ? 1 : 255);
        break;
      case 3:
        bytes.splice(at, below(random, 4));
        break;
      case 4: {
        const from = below(random, other.length);
        bytes.splice(at, below(random, 8), ...other.slice(from, from + below(random, 16)));
        break;
      }
      case 5:
        bytes.splice(at, 1, ...varUint(pick(random, boundaries)));
        break;
      default:
        bytes.splice(at, 0, ...bytes.slice(below(random, bytes.length), at));
    }
  }
  return Uint8Array.from(bytes);
};

const contents: readonly (readonly [kind: number, content: readonly number[], length: number])[] = [
  [kinds.string, text('abc'), 3],
  [kinds.string, text('z'), 1],
  [kinds.string, text('😀'), 2],
  [kinds.any, [2, 125, 1, 126], 2],
  [kinds.any, [1, 119, 1, 65], 1],
  [kinds.type, [1], 1],
  [kinds.type, [2], 1],
  [kinds.type, [3, 1, 112], 1],
  [kinds.type, [6], 1],
  [kinds.format, [...text('bold'), ...text('true')], 1],
  [kinds.format, [...text('bold'), ...text('null')], 1],
  [kinds.embed, text('{"a":1}'), 1],
  [kinds.binary, [1, 7], 1],
  [kinds.deleted, [2], 2],
  [kinds.gc, [2], 2],
];
const roots = ['text', 'map', 'array', 'xml', 'mallory'];

/** Well-formed, but nothing a client would mean: references to anything, in any order. */
const makeUp = (random: Random, doc: Y.Doc): Uint8Array => {
  const known = [...doc.store.clients.keys()];
  const clients = new Set([1 + below(random, 9), ...(random() < 0.5 ? [pick(random, [...known, 77])] : [])]);
  const started: { client: number; clock: number; end: number }[] = [];
  const anyId = (): Id => {
    const own = pick(random, started);
    if (known.length === 0 || (own !== undefined && random() < 0.4)) {
      return { client: own?.client ?? 1, clock: below(random, Math.max(1, own?.end ?? 0)) };
    }
    const client = pick(random, known);
    return { client, clock: below(random, Y.getState(doc.store, client) + (random() < 0.02 ? 3 : 0)) };
  };
  /** The one after, in the list it stands in, or somewhere further on. */
  const after = (id: Id): Id => {
    const structs = doc.store.clients.get(id.client);
    if (structs === undefined || id.clock >= Y.getState(doc.store, id.client)) return anyId();
    let item: Y.Item | Y.GC | null = structs[Y.findIndexSS(structs, id.clock)] ?? null;
    if (item instanceof Y.Item && id.clock < item.id.clock + item.length - 1 && random() < 0.5) {
      return { client: id.client, clock: id.clock + 1 };
    }
    for (let hops = 1 + below(random, 4); hops > 0 && item instanceof Y.Item && item.right !== null; hops -= 1)
      item = item.right;
    return item === null ? anyId() : { client: item.id.client, clock: item.id.clock + below(random, item.length) };
  };
  const struct = (): readonly [WrittenStruct, number] => {
    const [kind, content, length] = pick(random, contents);
    const shape = random();
    const origin = shape < 0.7 ? anyId() : null;
    const rightOrigin = origin !== null ? (shape < 0.45 ? after(origin) : null) : shape < 0.85 ? anyId() : null;
    const parent = random() < 0.6 ? pick(random, roots) : anyId();
    const key = random() < 0.4 ? `key${below(random, 4)}` : null;
    return [{ kind, content, origin, rightOrigin, parent, key }, length];
  };
  const sections: WrittenSection[] = [];
  for (const client of clients) {
    const state = Y.getState(doc.store, client);
    const clock = random() < 0.8 ? state : Math.max(0, state - below(random, 4) + (random() < 0.1 ? 1 : 0));
    const own = { client, clock, end: clock };
    started.push(own);
    const structs: WrittenStruct[] = [];
    for (let left = 1 + below(random, 5); left > 0; left -= 1) {
      const [made, length] = struct();
      structs.push(made);
      own.end += length;
    }
    sections.push({ client, clock, structs });
  }
  const deletes: WrittenDeletes[] = [];
  if (random() < 0.4 && known.length > 0) {
    const client = pick(random, known);
    deletes.push({ client, ranges: [[below(random, Y.getState(doc.store, client)), 1 + below(random, 3)]] });
  }
  return writeUpdate(random() < 0.5 ? sections : sections.reverse(), deletes);
};

/** A document with some honest history, and the updates it was made of. */
const newVictim = (random: Random): EditingSession => {
  const ids = [1, 2, 3].map((_, index) => 3 * index + 1 + below(random, 3));
  const session = new EditingSession(ids);
  for (let steps = 10 + below(random, 60); steps > 0; steps -= 1) {
    session.run({ who: below(random, 3), what: below(random, 12), numbers: randomNumbers(random) });
  }
  // What was not sent yet is maimed before the document has it.
  for (const { outgoing } of session.people) session.offered.push(...outgoing);
  if (random() < 0.5) for (const name of ['text', 'mallory']) session.server.doc.getText(name);
  return session;
};

const attacksPerVictim = 200;
const repairing = { ...syncUpdateLimits, repairOrigins: true };

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const attack = (server: GatedDocument, update: Uint8Array, counts: FuzzCounts): boolean => {
  const before = server.deltas.length;
  const outcome = server.offer(update, counts.offered % 3 === 0 ? repairing : syncUpdateLimits);

  counts.offered += 1;
  counts.repaired += server.repaired;
  server.repaired = 0;
  counts[outcome.kind] += 1;
  if (outcome.kind === 'refused') counts.rules.set(outcome.rule, (counts.rules.get(outcome.rule) ?? 0) + 1);
  const changed = server.deltas.length > before;
  if (changed) counts.changed += 1;
  return changed;
};

/** Throws at the first update that the gate should not have accepted; the message repeats it. */
export const run = (count: number, seed: number): FuzzCounts => {
  const random = seededRandom(seed);
  const counts: FuzzCounts = {
    offered: 0,
    accepted: 0,
    changed: 0,
    'not-ready': 0,
    refused: 0,
    repaired: 0,
    rules: new Map(),
  };
  while (counts.offered < count) {
    const { server, offered } = newVictim(random);
    const history = server.deltas.map(hexOf);
    const attacks: string[] = [];
    let update: Uint8Array = new Uint8Array();
    try {
      for (let turn = 0; turn < attacksPerVictim && counts.offered < count; turn += 1) {
        update =
          random() < 0.5 && offered.length > 0
            ? maim(random, pick(random, offered), pick(random, offered))
            : makeUp(random, server.doc);
        if (attack(server, update, counts)) {
          attacks.push(hexOf(update));
          if (attacks.length % 8 === 0) assertReplays(server.doc, server.deltas);
        }
      }
      assertReplays(server.doc, server.deltas);
    } catch (cause) {
      const report = { seed, offered: counts.offered, last: hexOf(update), attacks, history };
      throw new Error(`${cause instanceof Error ? cause.message : cause}\n${JSON.stringify(report)}`, { cause });
    }
  }
  return counts;
};
