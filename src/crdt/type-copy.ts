// Deep copies of shared types and values, to be inserted into another document; and the shape of a type, in which two types are equal
// exactly when people cannot tell them apart. Reads its source, changes nothing.

import * as Y from 'yjs';
import {
  entryItem,
  entryValue,
  formattedItems,
  isAlive,
  itemValues,
  kindOf,
  listItems,
  type SharedType,
  valueJson,
} from './shared-content.js';

/** A value that may stand in a list or a map of any document. */
export const copyValue = (value: unknown): unknown => {
  if (value instanceof Y.AbstractType) return copyType(value);
  if (value instanceof Y.Doc) return new Y.Doc({ guid: value.guid, meta: value.meta, autoLoad: value.autoLoad });
  return value;
};

const copyType = (type: SharedType): unknown => {
  if (type instanceof Y.Text)
    return withEntries(withText(type instanceof Y.XmlText ? new Y.XmlText() : new Y.Text(), type), type);
  if (type instanceof Y.XmlElement) return withEntries(withChildren(new Y.XmlElement(type.nodeName), type), type);
  if (type instanceof Y.XmlFragment) return withChildren(new Y.XmlFragment(), type);
  if (type instanceof Y.XmlHook) return withEntries(new Y.XmlHook(type.hookName), type);
  if (type instanceof Y.Map) return withEntries(new Y.Map(), type);
  const array = new Y.Array<unknown>();
  array.insert(0, aliveValues(type).map(copyValue));
  return array;
};

const withEntries = <Target extends object>(target: Target, source: SharedType): Target => {
  for (const [key, item] of aliveEntries(source)) {
    const value = copyValue(entryValue(item));
    if (target instanceof Y.Map) target.set(key, value);
    else if (target instanceof Y.Text || target instanceof Y.XmlElement) target.setAttribute(key, value as string);
  }
  return target;
};

const withChildren = <Target extends Y.XmlFragment>(target: Target, source: SharedType): Target => {
  target.insert(0, aliveValues(source).map(copyValue) as Y.XmlElement[]);
  return target;
};

const withText = <Target extends Y.Text>(target: Target, source: SharedType): Target => {
  const delta: DeltaInsert[] = [];
  for (const { item, attributes } of formattedItems(source)) delta.push(...deltaInserts(item, 0, attributes));
  target.applyDelta(delta);
  return target;
};

export interface DeltaInsert {
  readonly insert: unknown;
  readonly attributes: Record<string, unknown>;
}

/** A rich text's item from `offset` on, as operations for `applyDelta`. A fresh object of attributes for each: Yjs writes into it. */
export const deltaInserts = (
  item: Y.Item,
  offset: number,
  attributes: ReadonlyMap<string, unknown>,
  length = item.length - offset,
): readonly DeltaInsert[] => {
  const inserts =
    item.content instanceof Y.ContentString
      ? [item.content.str.slice(offset, offset + length)]
      : itemValues(item)
          .slice(offset, offset + length)
          .map(copyValue);
  return inserts.map((insert) => ({ insert, attributes: Object.fromEntries(attributes) }));
};

export const aliveEntries = (type: SharedType): readonly (readonly [string, Y.Item])[] =>
  [...type._map.keys()].flatMap((key) => {
    const item = entryItem(type, key, isAlive);
    return item === null ? [] : [[key, item] as const];
  });

const aliveValues = (type: SharedType): readonly unknown[] =>
  [...listItems(type)].filter((item) => !item.deleted && item.countable).flatMap((item) => itemValues(item));

/** A string that two types share exactly when their content is the same: kinds, formats, attributes and nesting included. */
export const typeShape = (type: SharedType): string => JSON.stringify(shapeOf(type));

const shapeOf = (type: SharedType): unknown => {
  const kind = kindOf(type);
  const entries = aliveEntries(type)
    .map(([key, item]) => [key, valueShape(entryValue(item))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const list = kind === 'text' || kind === 'xml-text' ? richShape(type) : aliveValues(type).map(valueShape);
  return [kind, type instanceof Y.XmlElement ? type.nodeName : '', list, entries];
};

const valueShape = (value: unknown): unknown =>
  value instanceof Y.AbstractType ? shapeOf(value) : [typeof value, valueJson(value)];

const richShape = (type: SharedType): unknown => {
  const runs: [string | readonly unknown[], string][] = [];
  for (const { item, attributes } of formattedItems(type)) {
    const formats = JSON.stringify([...attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
    const content = item.content instanceof Y.ContentString ? item.content.str : itemValues(item).map(valueShape);
    const last = runs.at(-1);
    if (typeof content === 'string' && last !== undefined && typeof last[0] === 'string' && last[1] === formats)
      last[0] += content;
    else runs.push([content, formats]);
  }
  return runs;
};
