// Questions about the delete ranges of an update, for update-check.ts.

import * as Y from 'yjs';
import type { DeleteRange } from './update-parser.js';

/** Whether a range within the document's state covers anything that is not deleted yet. */
export const deletesSomething = (structs: readonly (Y.Item | Y.GC)[], { clock, length }: DeleteRange): boolean => {
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
