// Reads the content of shared types item by item: what kind a type is, and its content as JSON or text. It never defines a type and
// never changes one, so it may look at a live document. Roots of a Y.Doc that was loaded from updates have no type of their own; their
// kind is told from their items.

import * as Y from 'yjs';
import type { Json, JsonObject } from '../model/json.js';

/** Where a type keeps its items: the newest one by key, and the first one of its list. */
export type SharedType = Pick<Y.AbstractType<unknown>, '_map' | '_start'>;
export type TypeKind = 'text' | 'map' | 'array' | 'fragment' | 'element' | 'xml-text' | 'hook';
/** Which items count: by default those that are not deleted; a diff also looks at the items of an earlier state. */
export type Visible = (item: Y.Item) => boolean;

export const isAlive: Visible = (item) => !item.deleted;

/**
 * The kind of a type; `null` for a root without any trace of one (no items, or only collected ones). What is alive tells it; only where
 * nothing is alive do deleted items that were not collected yet.
 *
 * Where the items disagree: text and XML win over map entries, which then are their attributes (`Y.Text` has some too); map entries win
 * over plain list items.
 */
export const kindOf = (type: SharedType): TypeKind | null => {
  if (type instanceof Y.XmlText) return 'xml-text';
  if (type instanceof Y.Text) return 'text';
  if (type instanceof Y.XmlElement) return 'element';
  if (type instanceof Y.XmlFragment) return 'fragment';
  if (type instanceof Y.XmlHook) return 'hook';
  if (type instanceof Y.Map) return 'map';
  if (type instanceof Y.Array) return 'array';
  return guessKind(type, isAlive) ?? guessKind(type, (item) => !(item.content instanceof Y.ContentDeleted));
};

const guessKind = (type: SharedType, counts: Visible): TypeKind | null => {
  let listed = false;
  for (let item = type._start; item !== null; item = item.right) {
    if (!counts(item)) continue;
    const { content } = item;
    if (content instanceof Y.ContentString || content instanceof Y.ContentFormat || content instanceof Y.ContentEmbed)
      return 'text';
    if (content instanceof Y.ContentType && isXml(content.type)) return 'fragment';
    listed = true;
  }
  for (const key of type._map.keys()) if (entryItem(type, key, counts) !== null) return 'map';
  return listed ? 'array' : null;
};

/** Whether a type holds anything that is not deleted. */
export const hasContent = (type: SharedType): boolean => {
  for (const item of listItems(type)) if (!item.deleted && item.countable) return true;
  for (const key of type._map.keys()) if (entryItem(type, key, isAlive) !== null) return true;
  return false;
};

const isXml = (type: unknown): boolean =>
  type instanceof Y.XmlFragment || type instanceof Y.XmlText || type instanceof Y.XmlHook;

/** All items of a type's list, deleted ones included, from left to right. */
export function* listItems(type: SharedType): Generator<Y.Item> {
  for (let item = type._start; item !== null; item = item.right) yield item;
}

/** The item that holds a key's value under `visible`; `null` when the key has none. */
export const entryItem = (type: SharedType, key: string, visible: Visible): Y.Item | null => {
  for (let item = type._map.get(key) ?? null; item !== null; item = item.left) if (visible(item)) return item;
  return null;
};

/** The values of a list item (one per unit of its length), nested types and subdocuments as themselves. */
export const itemValues = (item: Y.Item): readonly unknown[] => item.content.getContent();

/** The value of a map entry. */
export const entryValue = (item: Y.Item): unknown => itemValues(item).at(-1);

/** A type's content: text and XML as a string, maps as objects without a prototype, anything else as an array. */
export const typeJson = (type: SharedType, visible: Visible = isAlive): Json => {
  switch (kindOf(type)) {
    case 'text':
      return plainText(type, visible);
    case 'xml-text':
    case 'element':
    case 'fragment':
      return xmlText(type, visible);
    case 'map':
    case 'hook':
      return mapJson(type, visible);
    case 'array':
    case null:
      return listJson(type, visible);
  }
};

/** A value as JSON. What JSON lacks: bytes become base64, bigints decimal strings, `undefined` null, subdocuments `{guid}`. */
export const valueJson = (value: unknown, visible: Visible = isAlive): Json => {
  if (value instanceof Y.AbstractType) return typeJson(value, visible);
  if (value instanceof Y.Doc) return { guid: value.guid };
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((entry) => valueJson(entry, visible));
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null
        ? null
        : nakedObject(Object.entries(value).map(([key, entry]) => [key, valueJson(entry, visible)]));
    default:
      return null;
  }
};

/** An object without a prototype, in which `__proto__` is a key like any other. */
export const nakedObject = (entries: Iterable<readonly [string, Json]>): JsonObject => {
  const object: Record<string, Json> = Object.create(null);
  for (const [key, value] of entries) object[key] = value;
  return object;
};

export const plainText = (type: SharedType, visible: Visible = isAlive): string => {
  let text = '';
  // What is deleted is told by the item alone: looking at its content as well would be one more place in memory to wait for.
  for (let item = type._start; item !== null; item = item.right)
    if (visible(item) && item.content instanceof Y.ContentString) text += item.content.str;
  return text;
};

const listJson = (type: SharedType, visible: Visible): Json => {
  const values: Json[] = [];
  for (const item of listItems(type)) {
    if (!item.countable || !visible(item)) continue;
    for (const value of itemValues(item)) values.push(valueJson(value, visible));
  }
  return values;
};

const mapJson = (type: SharedType, visible: Visible): JsonObject => {
  const entries: [string, Json][] = [];
  for (const key of type._map.keys()) {
    const item = entryItem(type, key, visible);
    if (item !== null) entries.push([key, valueJson(entryValue(item), visible)]);
  }
  return nakedObject(entries);
};

/** XML as Yjs itself writes it: attributes in order of their names, formats of text as elements around it. */
export const xmlText = (type: SharedType, visible: Visible = isAlive): string => {
  const kind = kindOf(type);
  if (kind === 'xml-text' || kind === 'text') return formattedXml(type, visible);
  let children = '';
  for (const item of listItems(type)) {
    if (!(item.content instanceof Y.ContentType) || !visible(item)) continue;
    children += xmlText(item.content.type, visible);
  }
  if (!(type instanceof Y.XmlElement)) return children;
  const name = type.nodeName.toLowerCase();
  return `<${name}${xmlAttributes(mapJson(type, visible))}>${children}</${name}>`;
};

const xmlAttributes = (attributes: object): string =>
  Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ` ${key}="${value}"`)
    .join('');

const formattedXml = (type: SharedType, visible: Visible): string => {
  let xml = '';
  for (const { item, attributes } of formattedItems(type, visible)) {
    if (!(item.content instanceof Y.ContentString)) continue;
    const names = [...attributes.keys()].sort();
    const opened = names.map((name) => `<${name}${xmlAttributes(Object(attributes.get(name)))}>`).join('');
    const closed = names.reverse().map((name) => `</${name}>`);
    xml += opened + item.content.str + closed.join('');
  }
  return xml;
};

/** The text and embeds of a rich text in order, each with the formats it stands under. The map is one and the same throughout: copy it. */
export function* formattedItems(
  type: SharedType,
  visible: Visible = isAlive,
): Generator<{ readonly item: Y.Item; readonly attributes: ReadonlyMap<string, unknown> }> {
  const attributes = new Map<string, unknown>();
  for (const item of listItems(type)) {
    if (!visible(item)) continue;
    if (item.content instanceof Y.ContentFormat) {
      const { key, value } = item.content as unknown as { readonly key: string; readonly value: unknown };
      if (value === null) attributes.delete(key);
      else attributes.set(key, value);
    } else if (item.countable) yield { item, attributes };
  }
}
