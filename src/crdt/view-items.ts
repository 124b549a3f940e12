// The items of a view document, and how they are written as Yjs updates. A view has one writer and items of two kinds only: entries of its root,
// each a Y.Map, and the fields of entries, each a JSON value. So its items are plain data, and an update is written without a Y.Doc. The layout
// is that of Yjs' utils/encoding.js and structs/Item.js; that stock clients read it so is held by a property test.

import type { Json } from '../model/json.js';
import type { DeleteRange } from './update-parser.js';
import type { Part } from './update-splice.js';
import { kinds } from './update-structs.js';
import { UpdateWriter } from './update-writer.js';

export interface ViewItem {
  /** Of an overwritten field or a removed entry the place alone is left: what comes after it under its key names it as its origin. */
  readonly kind: 'entry' | 'field' | 'dead';
  /** The clock of the item that had the key before. */
  readonly origin: number | null;
  /** The clock of the entry that it is a field of; `null` under the root. */
  readonly entry: number | null;
  readonly key: string;
  /** A field's; `null` for the others. */
  readonly value: Json;
}

/** By clock, from 0; `null` where not even the place is left, because the entry around it is gone. */
export type ViewItems = readonly (ViewItem | null)[];

export interface ViewName {
  /** The name of the root. */
  readonly root: string;
  /** The client id that it is written under. */
  readonly client: number;
}

/** One for all, as each is taken at once: broadcasts write thousands of small updates. */
const writer = new UpdateWriter();

const isDead = (item: ViewItem | null | undefined): boolean => !item || item.kind === 'dead';

/** The clocks that hold nothing any more. */
const deadRanges = (items: ViewItems): readonly DeleteRange[] => {
  const ranges: DeleteRange[] = [];
  for (let clock = 0; clock < items.length; clock += 1) {
    if (!isDead(items[clock])) continue;
    const end = endOfRun(items, clock, isDead);
    ranges.push({ clock, length: end - clock });
    clock = end;
  }
  return ranges;
};

/** Whether one of the ranges touches something that is not deleted, or claims clocks that never were. */
export const touchesLive = (items: ViewItems, ranges: readonly DeleteRange[]): boolean =>
  ranges.some(
    ({ clock, length }) =>
      clock + length > items.length || endOfRun(items, clock, isDead, clock + length) < clock + length,
  );

/** What somebody lacks of these items who has the first `known` clocks. */
export const partFrom = (known: number, items: ViewItems, name: ViewName): Part =>
  encodeItems(items, name, { from: known, deletes: deadRanges(items) });

/** The items from the clock `from` on, and the deletes given, as an update. */
export const encodeItems = (
  items: ViewItems,
  { root, client }: ViewName,
  { from, deletes }: { readonly from: number; readonly deletes: readonly DeleteRange[] },
): Part => {
  writer.begin();
  writer.varUint(from < items.length ? 1 : 0);
  if (from < items.length) {
    for (const value of [countStructs(items, from), client, from]) writer.varUint(value);
    for (let clock = from; clock < items.length; clock += 1) {
      const item = items[clock];
      if (item) writeItem(item, { root, client });
      else {
        const end = endOfRun(items, clock, isGone);
        writer.uint8(kinds.gc);
        writer.varUint(end - clock);
        clock = end - 1;
      }
    }
  }
  const deletesAt = writer.length;
  writer.varUint(deletes.length > 0 ? 1 : 0);
  if (deletes.length > 0) {
    for (const value of [client, deletes.length]) writer.varUint(value);
    for (const { clock, length } of deletes) {
      writer.varUint(clock);
      writer.varUint(length);
    }
  }
  return { update: writer.take(), deletesAt };
};

const isGone = (item: ViewItem | null | undefined): boolean => item === null;

/** Where the run of items that `belongs` says, from `clock` on, ends. */
const endOfRun = (
  items: ViewItems,
  clock: number,
  belongs: (item: ViewItem | null | undefined) => boolean,
  limit = items.length,
): number => {
  let end = clock;
  while (end < limit && belongs(items[end])) end += 1;
  return end;
};

const countStructs = (items: ViewItems, from: number): number => {
  let count = 0;
  for (let clock = from; clock < items.length; clock += 1)
    if (items[clock] !== null || clock === from || items[clock - 1] !== null) count += 1;
  return count;
};

const contentKind = { entry: kinds.type, field: kinds.any, dead: kinds.deleted } as const;
const [hasOrigin, hasKey] = [0x80, 0x20];
const [rootParent, itemParent] = [1, 0];
const mapType = 1;

const writeItem = (item: ViewItem, { root, client }: ViewName): void => {
  const { kind, origin, entry, key, value } = item;
  writer.uint8(contentKind[kind] | hasKey | (origin === null ? 0 : hasOrigin));
  if (origin !== null) {
    writer.varUint(client);
    writer.varUint(origin);
  } else {
    if (entry === null) {
      writer.varUint(rootParent);
      writer.text(root);
    } else {
      writer.varUint(itemParent);
      writer.varUint(client);
      writer.varUint(entry);
    }
    writer.text(key);
  }
  // A map's type; of values and of dead places how many there are.
  writer.varUint(kind === 'entry' ? mapType : 1);
  if (kind === 'field') writer.any(value);
};
