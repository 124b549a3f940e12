// What y-leveldb 0.1 keeps in a LevelDB, behind y-websocket's server: under the key ["v1", name, "update", number] the updates of a document,
// oldest first. Keys are lists whose texts are 0, length, UTF-8 and whose numbers are 1 and four bytes, big-endian.

import { ByteCursor, UnreadableSource } from './byte-cursor.js';
import type { ForeignDocument } from './foreign-document.js';
import { readLevelDb } from './leveldb.js';

const textPart = 0;
const numberPart = 1;

/** All documents of the folder. Throws `UnreadableSource`. */
export const readYLevelDb = (folder: string): readonly ForeignDocument[] => {
  const documents = new Map<string, Uint8Array[]>();
  for (const [key, value] of readLevelDb(folder)) {
    const [version, name, kind] = readKey(key);
    if (version !== 'v1' || typeof name !== 'string' || kind !== 'update') continue;
    const updates = documents.get(name) ?? [];
    updates.push(value);
    documents.set(name, updates);
  }
  return [...documents].map(([name, updates]) => ({ name: asClientsCallIt(name), updates }));
};

const readKey = (key: Buffer): readonly (string | number)[] => {
  const cursor = new ByteCursor(key);
  const parts: (string | number)[] = [];
  while (cursor.left > 0) {
    const kind = cursor.bytes(1).readUInt8();
    if (kind === textPart) parts.push(cursor.prefixed().toString('utf8'));
    else if (kind === numberPart) parts.push(cursor.bytes(4).readUInt32BE());
    else throw new UnreadableSource("The folder has keys that are not y-leveldb's.");
  }
  return parts;
};

/** That server takes the path of the URL as the name, escapes and all. */
const asClientsCallIt = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};
