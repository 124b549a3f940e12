// The folders and files that other servers wrote themselves (test/fixtures/make-foreign.mjs), and what their clients had in the end.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as Y from 'yjs';

export type ForeignKind = 'y-leveldb' | 'hocuspocus';

const folder = 'test/fixtures/foreign';
export const foreignSource: Readonly<Record<ForeignKind, string>> = {
  'y-leveldb': `${folder}/y-leveldb`,
  hocuspocus: `${folder}/hocuspocus.sqlite`,
};

/** A document's name and its state, V1. */
export const foreignStates = (kind: ForeignKind): ReadonlyMap<string, Uint8Array> => {
  const all = JSON.parse(gunzipSync(readFileSync(`${folder}/expected.json.gz`)).toString()) as Record<
    ForeignKind,
    Record<string, string>
  >;
  return new Map(Object.entries(all[kind]).map(([name, state]) => [name, Buffer.from(state, 'base64')]));
};

export const docOf = (state: Uint8Array): Y.Doc => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc;
};
