// Questions about the delete ranges of an update, for update-check.ts.

import * as Y from 'yjs';
import type { DeleteRange, Section } from './update-parser.js';
import { kinds } from './update-structs.js';

type Structs = readonly (Y.Item | Y.GC)[];

/** Whether a range within the document's state covers anything that is not deleted yet. */
export const deletesSomething = (structs: Structs, { clock, length }: DeleteRange): boolean => {
  for (let at = Y.findIndexSS(structs as (Y.Item | Y.GC)[], clock); at < structs.length; at += 1) {
    const struct = structs[at];
    if (struct === undefined || struct.id.clock >= clock + length) return false;
    if (!struct.deleted) return true;
  }
  return false;
};

/** Whether one of the ranges, which are in order, covers `length` clocks from `clock` on. */
export const coversRun = (ranges: readonly DeleteRange[], clock: number, length: number): boolean => {
  let low = 0;
  for (let high = ranges.length; low < high; ) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range !== undefined && range.clock + range.length <= clock) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.clock <= clock && range.clock + range.length >= clock + length;
};

/** How many items Yjs must split to delete a range, 0 to 2; `section` is what the update adds behind the client's structs. */
export const splitsFor = (structs: Structs, section: Section | undefined, { clock, length }: DeleteRange): number =>
  (isCutAt(structs, section, clock) ? 1 : 0) + (isCutAt(structs, section, clock + length) ? 1 : 0);

/** Whether a cut before `clock` goes through something that is not deleted. */
const isCutAt = (structs: Structs, section: Section | undefined, clock: number): boolean => {
  const last = structs[structs.length - 1];
  if (last !== undefined && clock < last.id.clock + last.length) {
    const struct = structs[Y.findIndexSS(structs as (Y.Item | Y.GC)[], clock)];
    return struct !== undefined && !struct.deleted && struct.id.clock < clock;
  }
  if (section === undefined || clock >= section.end) return false;
  let low = 0;
  for (let high = section.structs.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if ((section.structs[middle]?.clock ?? 0) <= clock) low = middle;
    else high = middle - 1;
  }
  const struct = section.structs[low];
  return struct !== undefined && struct.clock < clock && struct.kind !== kinds.deleted && struct.kind !== kinds.gc;
};
