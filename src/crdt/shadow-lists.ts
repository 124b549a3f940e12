// The lists of a document as they would be if an update's structs were integrated, without touching the document: a trial run of Yjs'
// conflict resolution (structs/Item.js, `getMissing` and `integrate`) on pieces laid over the document's items. Only places are tried
// out; contents and deletions are not. Why a trial: whether a left origin stands before a right origin cannot be known from the
// update alone when both are new, and Yjs takes inverted origins without a word and then differs from its own reload.

import * as Y from 'yjs';
import { gone, type Holder, type Piece, pieceIndex, type SharedType, sameId } from './list-piece.js';
import type { Id } from './update-structs.js';

/**
 * What splitting an item costs in steps: Yjs moves what stands behind it in its client's array, on average half of it. 200,000 splits in
 * an array of as many structs take 30 s, that is about a nanosecond for each struct of the array.
 */
export const splitSteps = (structs: number): number => 1 + structs / 512;

/** Thrown when finding places takes more steps than allowed. */
export class OutOfSteps extends Error {}

interface List {
  /** `undefined` until asked for. */
  start: Piece | null | undefined;
  /** Of a map's key: how many items Yjs walks over to find the start, and how many the update has added. */
  walked: number;
  added: number;
}

export class ShadowLists {
  readonly #store: Y.Doc['store'];
  /** Items of the document that were looked at, in pieces. */
  readonly #items = new Map<Y.Item, Piece[]>();
  /** Pieces of the update, by client. */
  readonly #added = new Map<number, Piece[]>();
  readonly #lists = new Map<Holder, Map<string | null, List>>();
  #stepsLeft: number;

  constructor(store: Y.Doc['store'], maxSteps: number) {
    this.#store = store;
    this.#stepsLeft = maxSteps;
  }

  /** The piece that holds `id`, which must exist. */
  find({ client, clock }: Id): Piece {
    const pieces = this.#piecesAround(client, clock);
    const piece = pieces[pieces.length === 1 ? 0 : pieceIndex(pieces, clock)];
    if (piece === undefined) throw new Error(`There is no piece at ${client}:${clock}.`);
    return piece;
  }

  /** The piece that ends with `id`; splits one if need be. */
  endingAt(id: Id): Piece {
    const piece = this.find(id);
    if (piece.holder !== null && id.clock !== piece.clock + piece.length - 1) this.#split(piece, id.clock + 1);
    return piece;
  }

  /** The piece that begins with `id`; splits one if need be. */
  startingAt(id: Id): Piece {
    const piece = this.find(id);
    return piece.holder !== null && id.clock !== piece.clock ? this.#split(piece, id.clock) : piece;
  }

  /**
   * Whether something may have been inserted between these two: `null`, or what is wrong.
   *
   * ### Why not only the order
   * Yjs' conflict resolution ends in the same list on every peer only if each insertion's origins were neighbours when it was made, that
   * is, if nothing that the origins themselves depend on stands between them. By induction that is so exactly when the right one's left
   * origin is not after the left one, and the left one's right origin not before the right one: nothing crosses. What stands between
   * them otherwise is concurrent, and Yjs resolves it.
   */
  disorder(left: Piece | null, right: Piece | null): 'apart' | 'inverted' | 'crossed' | null {
    if (left === null) return right === null || right.origin === null ? null : 'crossed';
    if (right === null) return left.rightOrigin === null ? null : 'crossed';
    if (left.holder !== right.holder || left.key !== right.key) return 'apart';
    if (left === right) return 'inverted';
    if (this.#rightOf(left) === right) return null;
    const { origin } = right;
    const { rightOrigin } = left;
    const startsAtLeft =
      origin !== null && origin.client === left.client && origin.clock === left.clock + left.length - 1;
    const endsAtRight = sameId(rightOrigin, right);
    if (!startsAtLeft && !endsAtRight && !this.#isBefore(left, right)) return 'inverted';
    if (!startsAtLeft && origin !== null) {
      const from = this.find(origin);
      if (from !== left && !this.#isBefore(from, left)) return 'crossed';
    }
    if (!endsAtRight && rightOrigin !== null) {
      const to = this.find(rightOrigin);
      if (to !== right && !this.#isBefore(right, to)) return 'crossed';
    }
    return null;
  }

  /** Whether `one` stands before `other`; both in one list, and not the same. */
  #isBefore(one: Piece, other: Piece): boolean {
    let fromOne = this.#rightOf(one);
    let fromOther: Piece | null = other;
    for (;;) {
      if (fromOne === other) return true;
      if (fromOne === null) return false;
      this.spend(1);
      fromOther = this.#rightOf(fromOther);
      if (fromOther === one) return false;
      if (fromOther === null) return true;
      fromOne = this.#rightOf(fromOne);
    }
  }

  /** Notes a struct that gets no place. */
  addGone(client: number, clock: number, length: number): void {
    this.#add(gone(client, clock, length));
  }

  /** Gives a struct its place, as `Item.integrate` does. `left` and `right` are in the piece's list, in that order. */
  place(piece: Piece, left: Piece | null, right: Piece | null): void {
    if (piece.holder === null) throw new Error('A piece without a holder has no place.');
    const list = left === null || piece.key !== null ? this.#listOf(piece.holder, piece.key) : null;
    let after = left;
    const first =
      left !== null ? this.#rightOf(left) : list === null ? null : this.#start(list, piece.holder, piece.key);
    if (first !== right) after = this.#afterConflicts(piece, left, first, right);
    if (after !== null) {
      piece.right = this.#rightOf(after);
      after.right = piece;
    } else if (list !== null) {
      piece.right = this.#start(list, piece.holder, piece.key);
      list.start = piece;
    }
    if (list !== null) list.added += 1;
    this.#add(piece);
  }

  /** The loop of `Item.integrate`, with its names: what the piece finally stands after. */
  #afterConflicts(piece: Piece, left: Piece | null, first: Piece | null, right: Piece | null): Piece | null {
    let after = left;
    let o = first;
    const conflicting = new Set<Piece>();
    const beforeOrigin = new Set<Piece>();
    while (o !== null && o !== right) {
      this.spend(1);
      beforeOrigin.add(o);
      conflicting.add(o);
      if (sameId(piece.origin, o.origin)) {
        if (o.client < piece.client) {
          after = o;
          conflicting.clear();
        } else if (sameId(piece.rightOrigin, o.rightOrigin)) break;
      } else if (o.origin !== null) {
        const origin = this.find(o.origin);
        if (!beforeOrigin.has(origin)) break;
        if (!conflicting.has(origin)) {
          after = o;
          conflicting.clear();
        }
      } else break;
      o = this.#rightOf(o);
    }
    return after;
  }

  /** Pays for work that Yjs will have; throws OutOfSteps. */
  spend(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new OutOfSteps();
  }

  #add(piece: Piece): void {
    const pieces = this.#added.get(piece.client);
    if (pieces === undefined) this.#added.set(piece.client, [piece]);
    else pieces.push(piece);
  }

  #piecesAround(client: number, clock: number): Piece[] {
    const added = this.#added.get(client);
    if (added !== undefined && clock >= (added[0]?.clock ?? 0)) return added;
    const structs = this.#store.clients.get(client) ?? [];
    const struct = structs[Y.findIndexSS(structs, clock)];
    if (struct instanceof Y.Item) return this.#piecesOf(struct);
    return [gone(client, struct?.id.clock ?? clock, struct?.length ?? 1)];
  }

  #piecesOf(item: Y.Item): Piece[] {
    let pieces = this.#items.get(item);
    if (pieces === undefined) {
      pieces = [
        {
          client: item.id.client,
          clock: item.id.clock,
          length: item.length,
          item,
          struct: null,
          origin: item.origin,
          rightOrigin: item.rightOrigin,
          // An integrated item's parent is always a type.
          holder: item.parent as SharedType,
          key: item.parentSub,
          right: undefined,
        },
      ];
      this.#items.set(item, pieces);
    }
    return pieces;
  }

  #split(piece: Piece, clock: number): Piece {
    this.spend(splitSteps(this.#store.clients.get(piece.client)?.length ?? 0));
    const rest: Piece = {
      ...piece,
      clock,
      length: piece.clock + piece.length - clock,
      origin: { client: piece.client, clock: clock - 1 },
    };
    const pieces = piece.item === null ? (this.#added.get(piece.client) ?? []) : this.#piecesOf(piece.item);
    pieces.splice(pieceIndex(pieces, piece.clock) + 1, 0, rest);
    piece.length = clock - piece.clock;
    piece.right = rest;
    return rest;
  }

  #rightOf(piece: Piece): Piece | null {
    if (piece.right === undefined) piece.right = this.#firstOf(piece.item?.right ?? null);
    return piece.right;
  }

  #firstOf(item: Y.Item | null): Piece | null {
    return item === null ? null : (this.#piecesOf(item)[0] ?? null);
  }

  #listOf(holder: Holder, key: string | null): List {
    let lists = this.#lists.get(holder);
    if (lists === undefined) {
      lists = new Map();
      this.#lists.set(holder, lists);
    }
    let list = lists.get(key);
    if (list === undefined) {
      list = { start: undefined, walked: 0, added: 0 };
      lists.set(key, list);
    }
    return list;
  }

  /** The first piece of a list. Of a map's key Yjs knows the last one alone and walks there every time; that is paid for here. */
  #start(list: List, holder: Holder, key: string | null): Piece | null {
    if (key !== null) this.spend(list.walked + list.added);
    if (list.start !== undefined) return list.start;
    let item: Y.Item | null = null;
    if (holder instanceof Y.AbstractType) {
      item = key === null ? holder._start : (holder._map.get(key) ?? null);
      for (; key !== null && item !== null && item.left !== null; item = item.left) {
        this.spend(1);
        list.walked += 1;
      }
    }
    list.start = this.#firstOf(item);
    return list.start;
  }
}
