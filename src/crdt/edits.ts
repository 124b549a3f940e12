// Edits by path, as REST offers them: insert, delete and replace in a text, a map or an array, however deep. Computed on a replica of the
// caller's own, under the document's server client id; logging the update is not done here.

import * as Y from 'yjs';
import { ContrailError, type Fault } from '../model/errors.js';
import type { Json } from '../model/json.js';
import { entryItem, entryValue, isAlive, kindOf, type TypeKind } from './shared-content.js';

export interface PathEdit {
  /** The root's name, then keys of maps and positions in arrays, down to the type to edit. */
  readonly path: readonly (string | number)[];
  readonly action: 'insert' | 'delete' | 'replace';
  /** Texts and arrays: where; the end when inserting and the beginning otherwise, if absent. */
  readonly index?: number;
  /** Texts and arrays: how much to delete or replace; all from `index` on when absent in a text, 1 in an array. */
  readonly length?: number;
  /** Maps: which entry. */
  readonly key?: string;
  /** What to insert: a string for a text, one element for an array, the entry's value for a map. */
  readonly value?: Json;
}

/**
 * Carries out `edit` on `replica` and returns the update, written by client id `client`. The first edit of a root that holds nothing yet
 * decides its type: a `key` makes a map of it, a string a text, anything else an array.
 * Throws `server-owned` for a channel's root, and `bad-request` where the path leads to no such type or place, and when nothing would change.
 */
export const computeEdit = (replica: Y.Doc, edit: PathEdit, client: number): Uint8Array => {
  let update: Uint8Array | null = null;
  const keep = (emitted: Uint8Array) => {
    update = emitted;
  };
  replica.clientID = client;
  replica.on('update', keep);
  try {
    const type = resolve(replica, edit);
    replica.transact(() => {
      if (type instanceof Y.Map) editMap(type, edit);
      else if (type instanceof Y.Text) editText(type, edit);
      else editArray(type, edit);
    });
  } finally {
    replica.off('update', keep);
  }
  if (update === null) throw badRequest('/', 'changes nothing');
  return update;
};

/** Roots that belong to channels on every connection (docs/wire.md). */
const serverOwned = /^(flights(:.*)?|notifications)$/s;

const badRequest = (at: string, detail: string): ContrailError => {
  const faults: readonly Fault[] = [{ at, detail }];
  return new ContrailError('bad-request', `The edit cannot be carried out: ${at} ${detail}.`, { faults });
};

type Editable = Y.Map<unknown> | Y.Text | Y.Array<unknown>;

const resolve = (doc: Y.Doc, edit: PathEdit): Editable => {
  const [name, ...steps] = edit.path;
  if (typeof name !== 'string') throw badRequest('/path/0', "must be a root's name");
  if (serverOwned.test(name))
    throw new ContrailError('server-owned', `The root "${name}" is written by the server alone.`);
  let type: unknown = defineRoot(doc, name, steps.length === 0 ? edit : { ...edit, path: [name] });
  for (const [position, step] of steps.entries()) type = child(type, step, `/path/${position + 1}`);
  if (type instanceof Y.XmlText || type instanceof Y.XmlHook) throw badRequest('/path', 'leads to XML');
  if (type instanceof Y.Map || type instanceof Y.Text || type instanceof Y.Array) return type;
  throw badRequest('/path', 'leads to no text, map or array');
};

const child = (type: unknown, step: string | number, at: string): unknown => {
  if (type instanceof Y.Map && typeof step === 'string') {
    const item = entryItem(type, step, isAlive);
    if (item === null) throw badRequest(at, 'names no entry');
    return entryValue(item);
  }
  if (type instanceof Y.Array && typeof step === 'number') {
    if (!isPosition(step, type.length - 1)) throw badRequest(at, `is no position of an array of ${type.length}`);
    return type.get(step);
  }
  throw badRequest(at, 'leads to no text, map or array');
};

const defineRoot = (doc: Y.Doc, name: string, edit: PathEdit): unknown => {
  const held = doc.share.get(name);
  const kind: TypeKind | null = held === undefined ? null : kindOf(held);
  switch (kind ?? newKind(edit)) {
    case 'text':
      return doc.getText(name);
    case 'map':
      return doc.getMap(name);
    case 'array':
      return doc.getArray(name);
    default:
      throw badRequest('/path/0', 'is an XML root, which cannot be edited by path');
  }
};

const newKind = ({ key, value }: PathEdit): TypeKind => {
  if (key !== undefined) return 'map';
  return typeof value === 'string' ? 'text' : 'array';
};

const isPosition = (value: number, last: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= last;

const editMap = (map: Y.Map<unknown>, { action, key, value, index, length }: PathEdit): void => {
  if (key === undefined) throw badRequest('/key', 'is needed to edit a map');
  if (index !== undefined || length !== undefined) throw badRequest('/index', 'does not apply to a map');
  if (action === 'delete') {
    if (!map.has(key)) throw badRequest('/key', 'names no entry');
    map.delete(key);
  } else map.set(key, given(value));
};

const editText = (text: Y.Text, edit: PathEdit): void => {
  const { index, length } = range(edit, text.length, 'text');
  const { action, value } = edit;
  if (action !== 'delete' && typeof value !== 'string') throw badRequest('/value', 'must be a string for a text');
  if (length > 0) text.delete(index, length);
  if (action !== 'delete' && typeof value === 'string' && value !== '') text.insert(index, value);
};

const editArray = (array: Y.Array<unknown>, edit: PathEdit): void => {
  const { index, length } = range(edit, array.length, 'array');
  const value = edit.action === 'delete' ? null : given(edit.value);
  if (length > 0) array.delete(index, length);
  if (edit.action !== 'delete') array.insert(index, [value]);
};

/** Where to edit a list, and how much to delete there. */
const range = (
  edit: PathEdit,
  size: number,
  kind: 'text' | 'array',
): { readonly index: number; readonly length: number } => {
  const { action, key } = edit;
  if (key !== undefined) throw badRequest('/key', `does not apply: the path leads to a type of kind ${kind}`);
  const index = edit.index ?? (action === 'insert' ? size : 0);
  if (!isPosition(index, size)) throw badRequest('/index', `must be 0 to ${size}`);
  if (action === 'insert') {
    if (edit.length !== undefined) throw badRequest('/length', 'does not apply to insert');
    return { index, length: 0 };
  }
  const length = edit.length ?? (kind === 'text' ? size - index : 1);
  if (!isPosition(length, size - index)) throw badRequest('/length', `must be 0 to ${size - index}`);
  return { index, length };
};

const given = (value: Json | undefined): Json => {
  if (value === undefined) throw badRequest('/value', 'is missing');
  if (holdsProto(value)) throw badRequest('/value', 'holds a key __proto__, which Yjs clients cannot read');
  return value;
};

const holdsProto = (value: Json): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some((entry: Json) => holdsProto(entry)));
