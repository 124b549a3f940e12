// The pieces that shadow-lists.ts lays over a document's items and an update's structs.

import type * as Y from 'yjs';
import type { Id, ParsedStruct } from './update-structs.js';

export type SharedType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never;

/** What holds a list: a type of the document, a root it does not have yet, or a type the update creates. */
export type Holder = SharedType | string | Piece;

/** A run of clocks that has one place: an item of the document, a struct of the update, or a part of either. */
export interface Piece {
  readonly client: number;
  readonly clock: number;
  length: number;
  /** The document's item it belongs to, or the update's struct. Both `null` for a GC struct of the document. */
  readonly item: Y.Item | null;
  readonly struct: ParsedStruct | null;
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
  /** `null` when it has no place, because what it belonged to is gone (a GC struct). */
  readonly holder: Holder | null;
  readonly key: string | null;
  /** `undefined` until asked for: then the document's own neighbour. */
  right: Piece | null | undefined;
}

/** A run without a place. */
export const gone = (client: number, clock: number, length: number): Piece => ({
  client,
  clock,
  length,
  item: null,
  struct: null,
  origin: null,
  rightOrigin: null,
  holder: null,
  key: null,
  right: null,
});

export const sameId = (one: Id | null, other: Id | null): boolean =>
  one === other || (one !== null && other !== null && one.client === other.client && one.clock === other.clock);

/** Index of the piece that holds `clock`, in pieces without gaps. */
export const pieceIndex = (pieces: readonly Piece[], clock: number): number => {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.clock ?? 0) <= clock) low = middle;
    else high = middle - 1;
  }
  return low;
};
