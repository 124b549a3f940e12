// A text and the changes made to it as one sequence: what stayed, what came and what went, each with who did it. No DOM in here.

import { type Change, contentName } from '../model/documents.js';

export interface Piece {
  readonly kind: 'same' | 'insert' | 'delete';
  readonly text: string;
  readonly change: Change | null;
}

/** Whether a change is one to the text of the root `content` itself. */
const isTextual = (change: Change): boolean =>
  change.path.length === 1 && change.path[0] === contentName && change.text !== undefined && change.index !== undefined;

/** Changes come from left to right; each position counts in the text as the changes before it left it (docs/rest.md, diff). */
export const mergeChanges = (before: string, changes: readonly Change[]): readonly Piece[] => {
  const pieces: Piece[] = [];
  const add = (kind: Piece['kind'], text: string, change: Change | null): void => {
    if (text !== '') pieces.push({ kind, text, change });
  };
  /** How far the old text was used, and how long the new one is so far. */
  let used = 0;
  let length = 0;
  for (const change of changes) {
    if (!isTextual(change)) continue;
    const text = change.text ?? '';
    const ahead = Math.max(0, (change.index ?? 0) - length);
    add('same', before.slice(used, used + ahead), null);
    used += ahead;
    length += ahead;
    if (change.type === 'insert') {
      add('insert', text, change);
      length += text.length;
    } else if (change.type === 'delete') {
      add('delete', text, change);
      used += text.length;
    }
  }
  add('same', before.slice(used), null);
  return pieces;
};
