// Carries out patches on the Y.Doc of a view document. What is there already is left alone, so that an unchanged record costs nothing.

import * as Y from 'yjs';
import type { Json } from '../model/json.js';
import type { EntryPatch } from '../model/views.js';

export type EntryMap = Y.Map<Y.Map<Json>>;

export const patchEntry = (root: EntryMap, { key, fields }: EntryPatch): void => {
  if (fields === null) {
    if (root.has(key)) root.delete(key);
    return;
  }
  let entry = root.get(key);
  if (!entry) {
    entry = new Y.Map<Json>();
    root.set(key, entry);
  }
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) {
      if (entry.has(field)) entry.delete(field);
    } else if (!entry.has(field) || !isSameJson(entry.get(field), value)) entry.set(field, value);
  }
};

/** The keys that there are once the patches are carried out, in order. */
export const keysAfter = (keys: Iterable<string>, entries: readonly EntryPatch[]): string[] => {
  const after = new Set(keys);
  for (const { key, fields } of entries) fields === null ? after.delete(key) : after.add(key);
  return [...after].sort();
};

/** Patches that make of a document's entries what is expected: other keys and other fields go. */
export const patchesTo = (root: EntryMap, expected: readonly EntryPatch[]): readonly EntryPatch[] => {
  const keys = new Set(expected.map(({ key }) => key));
  const gone = [...root.keys()].filter((key) => !keys.has(key)).map((key) => ({ key, fields: null }));
  return [
    ...gone,
    ...expected.map(({ key, fields }) => {
      const surplus = [...(root.get(key)?.keys() ?? [])].filter((field) => fields !== null && !(field in fields));
      return { key, fields: { ...Object.fromEntries(surplus.map((field) => [field, undefined])), ...fields } };
    }),
  ];
};

/** JSON by value; member order counts, which errs on the side of writing. */
const isSameJson = (a: unknown, b: Json): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
