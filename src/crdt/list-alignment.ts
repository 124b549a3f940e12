// Two states of one list side by side. A Yjs list never changes the order of its items, so what is alive in both states stands in the
// same order in both, and walking them together says what stayed, what went and what has to come (back).

import * as Y from 'yjs';
import { listItems, type SharedType } from './shared-content.js';

export type Run =
  /** Alive in both states. The items' own lengths may be greater. */
  | { readonly kind: 'stay'; readonly length: number; readonly held: Y.Item; readonly wanted: Y.Item }
  /** Alive in the current state alone. */
  | { readonly kind: 'go'; readonly length: number }
  /** Alive in the wanted state alone: `length` units of `wanted` from `offset` on. */
  | { readonly kind: 'come'; readonly length: number; readonly wanted: Y.Item; readonly offset: number };

type Store = Y.Doc['store'];

/** A piece of an item that is either wholly alive in the other state, with the same content, or not at all. */
interface Piece {
  readonly item: Y.Item;
  readonly offset: number;
  readonly length: number;
  readonly shared: boolean;
}

interface Side {
  readonly type: SharedType;
  readonly store: Store;
}

/** The runs that turn the current list into the wanted one, from left to right. */
export const alignLists = (current: Side, wanted: Side): readonly Run[] => {
  const runs: Run[] = [];
  const held = pieces(current.type, wanted.store);
  const goal = pieces(wanted.type, current.store);
  let [i, j] = [0, 0];
  let done = { held: 0, goal: 0 };
  while (true) {
    const [now, then] = [held[i], goal[j]];
    if (now !== undefined && !now.shared) {
      runs.push({ kind: 'go', length: now.length });
      i += 1;
    } else if (then !== undefined && !then.shared) {
      runs.push({ kind: 'come', length: then.length, wanted: then.item, offset: then.offset });
      j += 1;
    } else if (now !== undefined && then !== undefined) {
      const length = Math.min(now.length - done.held, then.length - done.goal);
      runs.push({ kind: 'stay', length, held: now.item, wanted: then.item });
      done = { held: done.held + length, goal: done.goal + length };
      if (done.held === now.length) {
        i += 1;
        done.held = 0;
      }
      if (done.goal === then.length) {
        j += 1;
        done.goal = 0;
      }
    } else return runs;
  }
};

const pieces = (type: SharedType, other: Store): readonly Piece[] => {
  const found: Piece[] = [];
  for (const item of listItems(type)) {
    if (item.deleted || !item.countable) continue;
    for (let offset = 0; offset < item.length; ) {
      const { shared, length } = compared(item, offset, other);
      const end = Math.min(item.length, offset + length);
      const last = found.at(-1);
      // In one piece, so that both halves of a surrogate pair come back together.
      if (!shared && last?.item === item && !last.shared) found.splice(-1, 1, { ...last, length: end - last.offset });
      else found.push({ item, offset, length: end - offset, shared });
      offset = end;
    }
  }
  return found;
};

/**
 * Whether a store has the same alive that stands at an item's `offset`, and for how many clocks from there on the answer holds. The same id is the same
 * content but for one thing: where Yjs cuts a surrogate pair it makes two replacement characters of it.
 */
const compared = (
  item: Y.Item,
  offset: number,
  { clients }: Store,
): { readonly shared: boolean; readonly length: number } => {
  const { client, clock } = item.id;
  const structs = clients.get(client) ?? [];
  const last = structs.at(-1);
  if (last === undefined || clock + offset >= last.id.clock + last.length)
    return { shared: false, length: Number.POSITIVE_INFINITY };
  const struct = structs[Y.findIndexSS(structs, clock + offset)];
  if (struct === undefined) return { shared: false, length: 1 };
  const shift = clock - struct.id.clock;
  const length = struct.length - shift - offset;
  if (!(struct instanceof Y.Item) || struct.deleted) return { shared: false, length };
  if (!(item.content instanceof Y.ContentString && struct.content instanceof Y.ContentString))
    return { shared: true, length };
  const [mine, theirs] = [item.content.str, struct.content.str];
  const end = Math.min(mine.length, offset + length);
  const isSame = (at: number): boolean => mine.charCodeAt(at) === theirs.charCodeAt(at + shift);
  const shared = isSame(offset);
  let to = offset + 1;
  while (to < end && isSame(to) === shared) to += 1;
  return { shared, length: to - offset };
};
