// Back to an earlier state by one forward update: whatever is in both states stays as it is, what was deleted since is inserted again,
// what came since is deleted. All roots, nested types, formats and attributes. Computed on replicas; who appends it is decided elsewhere.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { alignLists, type Run } from './list-alignment.js';
import {
  entryItem,
  entryValue,
  formattedItems,
  hasContent,
  isAlive,
  itemValues,
  kindOf,
  type SharedType,
  type TypeKind,
} from './shared-content.js';
import { aliveEntries, copyValue, deltaInserts, typeShape } from './type-copy.js';

/**
 * Makes `replica`, the newest state, equal to `target`, an earlier state of the same document, and returns the update that does it,
 * written by client id `client`; `null` when there is no difference. Both are replicas of the caller's own: this gives their roots types.
 *
 * Items know each other by their ids, so the cost follows the size of the two states and not the length of the history between them.
 * Throws `internal` when the outcome is not the earlier state, before anything could be logged.
 */
export const computeRestore = (replica: Y.Doc, target: Y.Doc, client: number): Uint8Array | null => {
  let update: Uint8Array | null = null;
  replica.clientID = client;
  replica.once('update', (emitted: Uint8Array) => {
    update = emitted;
  });
  const restore = new Restore(replica, target);
  replica.transact(() => {
    for (const name of new Set([...replica.share.keys(), ...target.share.keys()])) restore.root(name);
  });
  for (const name of new Set([...replica.share.keys(), ...target.share.keys()])) verifyRoot(replica, target, name);
  return update;
};

const verifyRoot = (replica: Y.Doc, target: Y.Doc, name: string): void => {
  const [now, wanted] = [replica.share.get(name), target.share.get(name)];
  const filled = [now, wanted].map((type) => type !== undefined && hasContent(type));
  if (!filled[0] && !filled[1]) return;
  if (now !== undefined && wanted !== undefined && typeShape(now) === typeShape(wanted)) return;
  throw new ContrailError('internal', `The root "${name}" could not be restored exactly.`);
};

class Restore {
  readonly #replica: Y.Doc;
  readonly #target: Y.Doc;

  constructor(replica: Y.Doc, target: Y.Doc) {
    this.#replica = replica;
    this.#target = target;
  }

  root(name: string): void {
    const wanted = this.#target.share.get(name) ?? new Y.Map();
    const current = this.#replica.share.get(name);
    const kind = (hasContent(wanted) ? kindOf(wanted) : null) ?? (current === undefined ? null : kindOf(current));
    if (kind === null) return;
    this.#sync(defineRoot(this.#replica, name, kind), wanted);
  }

  #sync(current: WritableType, wanted: SharedType): void {
    this.#syncList(current, wanted);
    this.#syncEntries(current, wanted);
  }

  #syncEntries(current: WritableType, wanted: SharedType): void {
    for (const [key] of aliveEntries(current))
      if (entryItem(wanted, key, isAlive) === null) Y.Map.prototype.delete.call(current, key);
    for (const [key, item] of aliveEntries(wanted)) {
      const held = entryItem(current, key, isAlive);
      if (held === null || !sameId(held, item)) {
        Y.Map.prototype.set.call(current, key, copyValue(entryValue(item)));
      } else this.#syncNested(held, item);
    }
  }

  #syncList(current: WritableType, wanted: SharedType): void {
    const runs = alignLists({ type: current, store: this.#replica.store }, { type: wanted, store: this.#target.store });
    for (const run of runs) if (run.kind === 'stay') this.#syncNested(run.held, run.wanted);
    if (runs.every((run) => run.kind === 'stay') && !(current instanceof Y.Text)) return;
    if (current instanceof Y.Text) current.applyDelta(textDelta(current, wanted, runs));
    else rewriteList(current, runs);
  }

  #syncNested(held: Y.Item, wanted: Y.Item): void {
    if (!(held.content instanceof Y.ContentType) || !(wanted.content instanceof Y.ContentType)) return;
    this.#sync(held.content.type as WritableType, wanted.content.type);
  }
}

type WritableType = Y.Text | Y.Map<unknown> | Y.Array<unknown> | Y.XmlFragment;

const defineRoot = (doc: Y.Doc, name: string, kind: TypeKind): WritableType => {
  const defined = doc.share.get(name);
  if (defined !== undefined && defined.constructor !== Y.AbstractType) return defined as WritableType;
  switch (kind) {
    case 'text':
    case 'xml-text':
      return doc.getText(name);
    case 'map':
    case 'hook':
      return doc.getMap(name);
    case 'array':
      return doc.getArray(name);
    case 'fragment':
    case 'element':
      return doc.getXmlFragment(name);
  }
};

const sameId = (a: Y.Item, b: Y.Item): boolean =>
  a.lastId.client === b.lastId.client && a.lastId.clock === b.lastId.clock;

/** Element by element for arrays, maps with list items, and XML. */
const rewriteList = (current: WritableType, runs: readonly Run[]): void => {
  let index = 0;
  for (const run of runs) {
    if (run.kind === 'stay') index += run.length;
    else if (run.kind === 'go') Y.Array.prototype.delete.call(current, index, run.length);
    else {
      const values = itemValues(run.wanted)
        .slice(run.offset, run.offset + run.length)
        .map(copyValue);
      Y.Array.prototype.insert.call(current, index, values);
      index += run.length;
    }
  }
};

type Delta = { insert?: unknown; retain?: number; delete?: number; attributes?: Record<string, unknown> }[];

const textDelta = (current: Y.Text, wanted: SharedType, runs: readonly Run[]): Delta => {
  const held = formatsByItem(current);
  const before = formatsByItem(wanted);
  const delta: Delta = [];
  for (const run of runs) {
    if (run.kind === 'go') delta.push({ delete: run.length });
    else if (run.kind === 'come')
      delta.push(...deltaInserts(run.wanted, run.offset, before.get(run.wanted) ?? new Map(), run.length));
    else delta.push({ retain: run.length, attributes: formatChanges(held.get(run.held), before.get(run.wanted)) });
  }
  return delta;
};

const formatsByItem = (type: SharedType): ReadonlyMap<Y.Item, ReadonlyMap<string, unknown>> => {
  const formats = new Map<Y.Item, ReadonlyMap<string, unknown>>();
  for (const { item, attributes } of formattedItems(type)) formats.set(item, new Map(attributes));
  return formats;
};

const formatChanges = (
  now: ReadonlyMap<string, unknown> = new Map(),
  wanted: ReadonlyMap<string, unknown> = new Map(),
): Record<string, unknown> => {
  const changes: Record<string, unknown> = {};
  for (const key of now.keys()) if (!wanted.has(key)) changes[key] = null;
  for (const [key, value] of wanted) if (JSON.stringify(now.get(key)) !== JSON.stringify(value)) changes[key] = value;
  return changes;
};
