// A document's roots by name: as JSON, and its text roots as strings. Reads only (shared-content.ts), so a room's live document may be
// asked as well; nothing here calls `doc.getText` or its like, which would give a root a type for good.
//
// Roots with nothing in them are left out: Yjs knows no difference between a root that was emptied and one that never was, and once the
// deleted items are collected nobody can tell an emptied text from an emptied array.

import type * as Y from 'yjs';
import type { Json, JsonObject } from '../model/json.js';
import { hasContent, kindOf, nakedObject, plainText, type SharedType, typeJson, xmlText } from './shared-content.js';

/** All roots that hold something, by name. */
export const documentJson = (doc: Y.Doc): JsonObject =>
  nakedObject(filledRoots(doc).map(([name, type]): [string, Json] => [name, typeJson(type)]));

/** The text and XML roots that hold something, as strings by name. */
export const documentText = (doc: Y.Doc): JsonObject => {
  const texts: [string, Json][] = [];
  for (const [name, type] of filledRoots(doc)) {
    const text = typeText(type);
    if (text !== null) texts.push([name, text]);
  }
  return nakedObject(texts);
};

/** One root as a string; `''` where the document has no such root or an emptied one, `null` where it is neither text nor XML. */
export const rootText = (doc: Y.Doc, name: string): string | null => {
  const type = doc.share.get(name);
  if (type === undefined) return '';
  return typeText(type) ?? (hasContent(type) ? null : '');
};

const filledRoots = (doc: Y.Doc): readonly [string, SharedType][] =>
  [...doc.share].filter(([, type]) => hasContent(type));

const typeText = (type: SharedType): string | null => {
  switch (kindOf(type)) {
    case 'text':
      return plainText(type);
    case 'fragment':
    case 'element':
    case 'xml-text':
      return xmlText(type);
    default:
      return null;
  }
};
