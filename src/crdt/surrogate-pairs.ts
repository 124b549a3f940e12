// Where Yjs must not cut a text: between the halves of a surrogate pair it makes two replacement characters of them
// (structs/ContentString.js, `splice`). Harmless where an insertion there says so to everybody; not where only this document would cut.

import * as Y from 'yjs';
import type { Piece } from './list-piece.js';
import { kinds } from './update-structs.js';

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** Whether cutting the piece before clock `at` may split a pair. The text of a string in the update itself is not kept, so any cut may. */
export const splitsPair = (piece: Piece, at: number): boolean => {
  if (at <= piece.clock || at >= piece.clock + piece.length) return false;
  const { item, struct } = piece;
  if (item === null) return struct?.kind === kinds.string;
  return (
    item.content instanceof Y.ContentString && isHighSurrogate(item.content.str.charCodeAt(at - 1 - item.id.clock))
  );
};
