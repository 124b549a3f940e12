// A model of a document's content on which a diff can be carried out without Yjs: the independent check that a diff says all there is.

import * as Y from 'yjs';
import type { Change } from '../../src/crdt/change-list.js';
import {
  entryValue,
  formattedItems,
  itemValues,
  kindOf,
  type SharedType,
  valueJson,
} from '../../src/crdt/shared-content.js';
import type { Json } from '../../src/model/json.js';

/** Leaves are JSON strings; what a diff inserts is a leaf as well, since it comes as JSON. */
export type Node = string | { readonly kind: string; readonly list: Unit[]; readonly entries: Map<string, Node> };
interface Unit {
  readonly node: Node;
  readonly formats: Map<string, string>;
}

export const modelOf = (doc: Y.Doc): Map<string, Node> =>
  new Map([...doc.share].map(([name, type]) => [name, nodeOf(type)]));

const nodeOf = (type: SharedType): Node => {
  const kind = kindOf(type);
  const units: Unit[] = [];
  for (const { item, attributes } of formattedItems(type)) {
    const values = item.content instanceof Y.ContentString ? [...item.content.str] : itemValues(item);
    const formats = () => new Map([...attributes].map(([key, value]) => [key, JSON.stringify(valueJson(value))]));
    for (const value of values) units.push({ node: valueNode(value), formats: formats() });
  }
  const entries = new Map<string, Node>();
  for (const [key, item] of type._map) if (!item.deleted) entries.set(key, valueNode(entryValue(item)));
  return { kind: `${kind}:${type instanceof Y.XmlElement ? type.nodeName : ''}`, list: units, entries };
};

const valueNode = (value: unknown): Node =>
  value instanceof Y.AbstractType ? nodeOf(value) : JSON.stringify(valueJson(value));

/** Carries the changes out, in order. */
export const applyToModel = (model: Map<string, Node>, changes: readonly Change[]): void => {
  for (const change of changes) {
    const keys = change.type === 'set' || change.type === 'remove' ? change.path.slice(0, -1) : change.path;
    const node = find(model, keys);
    if (typeof node === 'string') throw new Error(`${keys.join('/')} is a leaf`);
    const key = String(change.path.at(-1));
    switch (change.type) {
      case 'insert':
        node.list.splice(change.index, 0, ...unitsOf(change));
        break;
      case 'delete': {
        const count = 'text' in change ? change.text.length : change.values.length;
        const gone = node.list.splice(change.index, count);
        const said = 'text' in change ? [...change.text] : change.values;
        for (const [i, unit] of gone.entries()) expectSame(unit.node, said[i] ?? null);
        break;
      }
      case 'format':
        for (const unit of node.list.slice(change.index, change.index + change.length))
          for (const [name, { old, new: now }] of Object.entries(change.attributes)) {
            if ((unit.formats.get(name) ?? 'null') !== JSON.stringify(old)) throw new Error('another old format');
            if (now === null) unit.formats.delete(name);
            else unit.formats.set(name, JSON.stringify(now));
          }
        break;
      case 'set':
        if (change.old !== undefined) expectSame(node.entries.get(key) ?? 'nothing', change.old);
        else if (node.entries.has(key)) throw new Error('an old value that is not named');
        node.entries.set(key, JSON.stringify(change.new));
        break;
      case 'remove':
        expectSame(node.entries.get(key) ?? 'nothing', change.old);
        node.entries.delete(key);
    }
  }
};

const unitsOf = (change: Change & { readonly type: 'insert' }): readonly Unit[] => {
  const values: readonly Json[] = 'text' in change ? [...change.text] : change.values;
  return values.map((value) => ({
    node: JSON.stringify(value),
    formats: new Map(Object.entries(change.attributes ?? {}).map(([key, format]) => [key, JSON.stringify(format)])),
  }));
};

const find = (model: Map<string, Node>, path: readonly (string | number)[]): Node => {
  const [name, ...steps] = path;
  let node = model.get(String(name));
  if (node === undefined) {
    node = { kind: 'new', list: [], entries: new Map() };
    model.set(String(name), node);
  }
  for (const step of steps) {
    if (typeof node === 'string' || node === undefined) throw new Error(`${path.join('/')} leads nowhere`);
    node = typeof step === 'number' ? node.list[step]?.node : node.entries.get(step);
  }
  if (node === undefined) throw new Error(`${path.join('/')} leads nowhere`);
  return node;
};

const expectSame = (node: Node, json: Json): void => {
  const [a, b] = [JSON.stringify(asJson(node)), JSON.stringify(json)];
  if (a !== b && !(isXml(node) && typeof json === 'string')) throw new Error(`the diff says ${b} where there was ${a}`);
};

const isXml = (node: Node): boolean => typeof node !== 'string' && /^(xml-text|element|fragment)/.test(node.kind);

const asJson = (node: Node): unknown => {
  if (typeof node === 'string') return JSON.parse(node);
  const values = node.list.map((unit) => asJson(unit.node));
  if (node.kind.startsWith('text') || node.kind.startsWith('xml-text'))
    return values.filter((value) => typeof value === 'string').join('');
  if (!node.kind.startsWith('map')) return values;
  const entries: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) entries[key] = asJson(entry);
  return entries;
};

/** Compares a model that a diff was applied to with that of the later state; a leaf that came by the diff stands for any type of its JSON. */
export const sameModel = (a: Map<string, Node>, b: Map<string, Node>): string | null => {
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const empty: Node = { kind: 'none', list: [], entries: new Map() };
    const fault = sameNode(a.get(name) ?? empty, b.get(name) ?? empty);
    if (fault !== null) return `${name}: ${fault}`;
  }
  return null;
};

const sameNode = (a: Node, b: Node): string | null => {
  if (typeof a === 'string') {
    if (typeof b === 'string') return a === b ? null : `${a} is not ${b}`;
    return isXml(b) || a === JSON.stringify(asJson(b)) ? null : `${a} is not ${JSON.stringify(asJson(b))}`;
  }
  if (typeof b === 'string') return 'a type became a value';
  if (a.list.length !== b.list.length) return `${a.list.length} units, not ${b.list.length}`;
  for (const [i, unit] of a.list.entries()) {
    const other = b.list[i];
    const fault = other === undefined ? 'missing' : sameNode(unit.node, other.node);
    if (fault !== null) return `${i}: ${fault}`;
    const [x, y] = [unit, other].map((each) => JSON.stringify([...(each?.formats ?? [])].sort()));
    if (x !== y) return `${i}: formats ${x}, not ${y}`;
  }
  for (const key of new Set([...a.entries.keys(), ...b.entries.keys()])) {
    const [x, y] = [a.entries.get(key), b.entries.get(key)];
    const fault = x === undefined || y === undefined ? (x === y ? null : 'only on one side') : sameNode(x, y);
    if (fault !== null) return `${key}: ${fault}`;
  }
  return null;
};
