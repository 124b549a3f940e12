// A view document as Yjs itself would write it: the reference for what the server writes without a Y.Doc.

import * as Y from 'yjs';
import type { ViewDocument } from '../../src/crdt/view-document.js';
import type { Json } from '../../src/model/json.js';
import type { EntryPatch } from '../../src/model/views.js';

export const documentOf = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
};

/** What a client shows that has joined the view. */
export const shownBy = (view: ViewDocument): { [key: string]: unknown } =>
  documentOf(view.part(0).update).getMap(view.root).toJSON();

/** Carries out the patches on a document under its client id, as an application would. */
export const patchDocument = (doc: Y.Doc, root: string, patches: readonly EntryPatch[], highest?: number): void =>
  doc.transact(() => {
    const entries = doc.getMap<Y.Map<Json>>(root);
    for (const { key, fields } of patches) {
      if (fields === null) {
        entries.delete(key);
        continue;
      }
      const entry = entries.get(key) ?? entries.set(key, new Y.Map<Json>());
      for (const [field, value] of Object.entries(fields)) {
        if (value === undefined) entry.delete(field);
        else if (JSON.stringify(entry.get(field)) !== JSON.stringify(value)) entry.set(field, value);
      }
    }
    if (highest !== undefined) for (const key of [...entries.keys()].sort().slice(0, -highest)) entries.delete(key);
  });
