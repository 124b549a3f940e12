// Whether the structs and deletes of one update fit a document: everything they refer to exists, makes sense, and stands in order.
// It follows Yjs' own integration (utils/encoding.js, `integrateStructs`) struct by struct, on shadow-lists.ts instead. Called by gate.ts.

import * as Y from 'yjs';
import { coversRun, deletesSomething, splitsFor } from './delete-ranges.js';
import type { GateVerdict } from './gate.js';
import { notReady, refused } from './gate-stop.js';
import type { Holder, Piece, SharedType } from './list-piece.js';
import { type Repair, repairUpdate } from './origin-repair.js';
import { ShadowLists, splitSteps } from './shadow-lists.js';
import { splitsPair } from './surrogate-pairs.js';
import type { UpdateLimits } from './update-limits.js';
import type { ParsedUpdate, Section } from './update-parser.js';
import { type Id, kinds, type ParsedStruct } from './update-structs.js';

const disorders = {
  apart: 'The origins of a struct stand in different lists.',
  inverted: 'The right origin of a struct stands before its left origin.',
  crossed: 'The origins of a struct were never neighbours.',
};

/** A struct's place, and how to say it. */
interface Between {
  readonly left: Piece | null;
  readonly right: Piece | null;
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
}

/** A section on its way into the document. */
interface Cursor {
  readonly section: Section;
  /** Index of the next struct, and what the document would have of this client by then. */
  next: number;
  state: number;
  /** It waits for structs of another section. */
  waiting: boolean;
}

export class UpdateCheck {
  readonly #repairs: Repair[] = [];
  readonly #doc: Y.Doc;
  readonly #parsed: ParsedUpdate;
  readonly #limits: UpdateLimits;
  readonly #cursors = new Map<number, Cursor>();
  readonly #lists: ShadowLists;
  readonly #typeDepths = new Map<Piece, number>();
  readonly #newRoots = new Set<string>();
  readonly #news: { readonly client: number; readonly clock: number; readonly end: number }[] = [];

  constructor(doc: Y.Doc, parsed: ParsedUpdate, limits: UpdateLimits) {
    this.#doc = doc;
    this.#parsed = parsed;
    this.#limits = limits;
    this.#lists = new ShadowLists(doc.store, limits.maxSteps);
  }

  structs(): void {
    let growth = 0;
    for (const section of this.#parsed.sections) {
      const { client, clock, end } = section;
      const state = Y.getState(this.#doc.store, client);
      if (clock > state) throw notReady();
      if (end > state) {
        growth += end - state;
        this.#news.push({ client, clock: state, end });
      }
      this.#cursors.set(client, { section, next: 0, state, waiting: false });
    }
    if (growth > this.#limits.maxGrowth) throw refused('growth', `It adds ${growth} clocks.`);
    // Yjs begins with the highest client id; the same order here makes the same conflicts.
    const cursors = [...this.#cursors.values()];
    if (cursors.length > 1) cursors.sort((one, other) => other.section.client - one.section.client);
    for (const cursor of cursors) this.#integrate(cursor);
    if (this.#newRoots.size > 0 && this.#doc.share.size + this.#newRoots.size > this.#limits.maxRootNames) {
      throw refused('too-many-roots', `The document would have more than ${this.#limits.maxRootNames} shared types.`);
    }
  }

  verdict(): GateVerdict {
    let news = this.#news.length > 0;
    for (const { client, ranges } of this.#parsed.deletes) {
      const cursor = this.#cursors.get(client);
      const state = cursor?.state ?? Y.getState(this.#doc.store, client);
      let split = 0;
      const structs = this.#doc.store.clients.get(client) ?? [];
      for (const range of ranges) {
        if (range.clock + range.length > state) throw notReady();
        const splits = splitsFor(structs, cursor?.section, range);
        this.#lists.spend(splits * splitSteps(structs.length + split));
        split += splits;
        if (!news) news = deletesSomething(structs, range);
      }
    }
    const repaired = this.#repairs.length > 0 ? repairUpdate(this.#parsed, this.#repairs) : null;
    return {
      kind: 'accepted',
      news,
      sections: this.#news,
      newClients: this.#news.map(({ client }) => client),
      repaired,
    };
  }

  /** Integrates a section, and of others what it depends on, in the order of Yjs' `integrateStructs`. */
  #integrate(first: Cursor): void {
    const stack: Cursor[] = [];
    let cursor = first;
    for (;;) {
      const struct = cursor.section.structs[cursor.next];
      if (struct === undefined) return;
      const missing = this.#missing(struct);
      if (missing !== null) {
        if (missing.waiting || missing === cursor) throw refused('circular-reference', 'Its structs form a circle.');
        cursor.waiting = true;
        stack.push(cursor);
        cursor = missing;
        continue;
      }
      this.#place(struct, cursor.state - struct.clock);
      cursor.next += 1;
      cursor.state = Math.max(cursor.state, struct.clock + struct.length);
      const waiting = stack.pop();
      if (waiting !== undefined) {
        waiting.waiting = false;
        cursor = waiting;
      }
    }
  }

  /** The section that must go on before this struct can be placed. */
  #missing(struct: ParsedStruct): Cursor | null {
    const { origin, rightOrigin, parent } = struct;
    return (
      (origin && this.#missingFor(struct, origin)) ??
      (rightOrigin && this.#missingFor(struct, rightOrigin)) ??
      (parent !== null && typeof parent !== 'string' ? this.#missingFor(struct, parent) : null)
    );
  }

  #missingFor(struct: ParsedStruct, id: Id): Cursor | null {
    if (id.client === struct.client) {
      if (id.clock < struct.clock) return null;
      throw refused(
        'own-reference',
        `Clock ${struct.clock} of client ${id.client} refers to its own clock ${id.clock}.`,
      );
    }
    const cursor = this.#cursors.get(id.client);
    if (cursor === undefined) {
      if (id.clock < Y.getState(this.#doc.store, id.client)) return null;
    } else {
      if (id.clock < cursor.state) return null;
      if (id.clock < cursor.section.end) return cursor;
    }
    throw notReady();
  }

  /** `known` clocks of the struct are in the document already. */
  #place(struct: ParsedStruct, known: number): void {
    const isKnown = known >= struct.length;
    if (struct.kind === kinds.gc) {
      if (!isKnown) this.#addGone(struct, known);
      return;
    }
    const { origin, rightOrigin } = struct;
    const holder = this.#holderOf(struct);
    // Yjs splits items at the origins even where nothing of the struct gets a place; that must not change the text.
    if (isKnown || known > 0 || holder === null) {
      if (origin !== null) this.#refuseSplitPair(origin, origin.clock + 1);
      if (rightOrigin !== null && (isKnown || holder === null)) this.#refuseSplitPair(rightOrigin, rightOrigin.clock);
    }
    if (isKnown) return;
    if (holder === null) {
      this.#addGone(struct, known);
      return;
    }
    const lists = this.#lists;
    let left = origin === null ? null : lists.endingAt(origin);
    const key = left?.key ?? (rightOrigin === null || left !== null ? struct.key : lists.find(rightOrigin).key);
    let effectiveOrigin = origin;
    if (known > 0) {
      effectiveOrigin = { client: struct.client, clock: struct.clock + known - 1 };
      left = lists.endingAt(effectiveOrigin);
      if (left.holder !== holder || left.key !== key)
        throw refused('overlap', 'What it repeats stands elsewhere in the document.');
    }
    const between = this.#between(struct, left, effectiveOrigin);
    const piece: Piece = {
      client: struct.client,
      clock: struct.clock + known,
      length: struct.length - known,
      item: null,
      struct,
      origin: between.origin,
      rightOrigin: between.rightOrigin,
      holder,
      key,
      right: null,
    };
    if (struct.kind === kinds.type) this.#nest(piece, holder);
    if (key !== null && piece.length > 1 && struct.kind !== kinds.deleted) this.#refuseLiveRun(piece);
    lists.place(piece, between.left, between.right);
  }

  #addGone(struct: ParsedStruct, known: number): void {
    this.#lists.addGone(struct.client, struct.clock + known, struct.length - known);
  }

  /** Where the struct belongs, `null` when that is gone: then Yjs makes a GC struct of it. */
  #holderOf({ origin, rightOrigin, parent }: ParsedStruct): Holder | null {
    if (parent === null) {
      const left = origin === null ? null : this.#lists.find(origin).holder;
      if (origin !== null && left === null) return null;
      const right = rightOrigin === null ? null : this.#lists.find(rightOrigin).holder;
      if (rightOrigin !== null && right === null) return null;
      return left ?? right;
    }
    if (typeof parent === 'string') {
      const root = this.#doc.share.get(parent);
      if (root === undefined) this.#newRoots.add(parent);
      return root ?? parent;
    }
    const piece = this.#lists.find(parent);
    if (piece.holder === null) return null;
    const content = piece.item?.content;
    if (content instanceof Y.ContentType) return content.type;
    if (content instanceof Y.ContentDeleted || piece.struct?.kind === kinds.deleted) return null;
    if (piece.struct?.kind === kinds.type) return piece;
    throw refused('parent-not-a-type', `${parent.client}:${parent.clock} cannot hold anything.`);
  }

  /** The neighbours the struct asks for, or those it gets when they make no sense. */
  #between(struct: ParsedStruct, left: Piece | null, origin: Id | null): Between {
    const { rightOrigin } = struct;
    const isInLeft = rightOrigin !== null && isWithin(left, rightOrigin);
    // Repaired away, the right origin would not make Yjs cut here.
    const cutsPair = rightOrigin !== null && !isInLeft && splitsPair(this.#lists.find(rightOrigin), rightOrigin.clock);
    const right = isInLeft ? left : rightOrigin === null ? null : this.#lists.startingAt(rightOrigin);
    const disorder = this.#lists.disorder(left, right);
    if (disorder === null) return { left, right, origin, rightOrigin };
    // Not repaired: what is known in part (its left origin is not in the bytes), and what a newcomer writes, who has nothing to undo.
    const isHonest = this.#limits.repairOrigins && Y.getState(this.#doc.store, struct.client) > 0;
    const repairable = isHonest && disorder !== 'apart' && origin === struct.origin && !cutsPair;
    const repaired = !repairable ? null : left === null ? this.#before(right) : this.#behind(left, origin);
    if (repaired === null || this.#lists.disorder(repaired.left, repaired.right) !== null) {
      throw refused(`origins-${disorder}`, disorders[disorder]);
    }
    this.#repairs.push({ struct, origin: repaired.origin, rightOrigin: repaired.rightOrigin });
    return repaired;
  }

  /** What the left neighbour was inserted before is always a sound right origin. */
  #behind(left: Piece, origin: Id | null): Between {
    const { rightOrigin } = left;
    return { left, right: rightOrigin === null ? null : this.#lists.startingAt(rightOrigin), origin, rightOrigin };
  }

  /** Mirrored, for a struct without a left origin. */
  #before(right: Piece | null): Between {
    const origin = right?.origin ?? null;
    const rightOrigin = right === null ? null : { client: right.client, clock: right.clock };
    return { left: origin === null ? null : this.#lists.endingAt(origin), right, origin, rightOrigin };
  }

  /**
   * A map entry is one clock long. Longer ones are former entries, deleted and merged (an undo manager keeps them so); Yjs throws while
   * it cleans up when one that was not deleted is split and the map around it goes.
   */
  #refuseLiveRun({ client, clock, length }: Piece): void {
    const ranges = this.#parsed.deletes.find((deletes) => deletes.client === client)?.ranges ?? [];
    if (!coversRun(ranges, clock, length)) throw refused('live-run', 'A map entry holds more than one value.');
  }

  #refuseSplitPair(id: Id, at: number): void {
    if (splitsPair(this.#lists.find(id), at)) {
      throw refused('split-pair', 'It would split a surrogate pair without placing anything there.');
    }
  }

  #nest(piece: Piece, holder: Holder): void {
    const depth = 1 + this.#depthOf(holder);
    if (depth > this.#limits.maxTypeDepth) throw refused('too-deep', 'Its shared types nest too deep.');
    this.#typeDepths.set(piece, depth);
    if (this.#typeDepths.size > this.#limits.maxNewTypes) {
      throw refused('too-many-types', `It creates more than ${this.#limits.maxNewTypes} shared types.`);
    }
  }

  #depthOf(holder: Holder): number {
    if (typeof holder === 'string') return 0;
    if (!(holder instanceof Y.AbstractType)) return this.#typeDepths.get(holder) ?? 0;
    let depth = 0;
    for (let item = holder._item; item !== null; item = (item.parent as SharedType)._item) depth += 1;
    return depth;
  }
}

const isWithin = (piece: Piece | null, { client, clock }: Id): boolean =>
  piece !== null && piece.client === client && clock >= piece.clock && clock < piece.clock + piece.length;
