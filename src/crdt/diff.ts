// The difference between two seqs: what was inserted, deleted, formatted and set, each with the event that did it. Read from one replica
// that begins at the earlier seq and does not collect, so that what was deleted in between can still be quoted.

import * as Y from 'yjs';
import type { LoggedEvent } from '../model/events.js';
import { updateKinds } from '../model/events.js';
import type { Json } from '../model/json.js';
import { type Change, ChangeList, type Path } from './change-list.js';
import { DeletionIndex } from './deletion-index.js';
import { EventIndex, type Origin } from './event-index.js';
import {
  entryItem,
  entryValue,
  itemValues,
  listItems,
  nakedObject,
  type SharedType,
  valueJson,
} from './shared-content.js';

/**
 * Applies `tail` to `doc`, the state right before it with `gc: false`, and says what has changed. Changes come root by root; within a
 * list from left to right, each position counting the changes before it. The replica is of no use afterwards.
 */
export const diffEvents = (doc: Y.Doc, tail: readonly LoggedEvent[]): readonly Change[] => {
  const base = new Map([...doc.store.clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
  // All in one transaction: Yjs joins items only at its end, so each item here came with one event, and went with one at most.
  return doc.transact((transaction) => {
    const insertions = new EventIndex();
    const deletions = new DeletionIndex();
    for (const event of tail) {
      if (event.payload === null || !updateKinds.has(event.kind)) continue;
      insertions.add(event);
      Y.applyUpdate(doc, event.payload);
      deletions.add(event, transaction.deleteSet);
    }
    transaction.local = true;
    const reader = new DiffReader(base, insertions, deletions);
    for (const [name, type] of doc.share) reader.readType(type, [name]);
    return reader.changes.all;
  });
};

interface Format {
  readonly value: unknown;
  readonly item: Y.Item;
}

class DiffReader {
  readonly changes = new ChangeList();
  readonly #base: ReadonlyMap<number, number>;
  readonly #insertions: EventIndex;
  readonly #deletions: DeletionIndex;

  constructor(base: ReadonlyMap<number, number>, insertions: EventIndex, deletions: DeletionIndex) {
    this.#base = base;
    this.#insertions = insertions;
    this.#deletions = deletions;
  }

  readType(type: SharedType, path: Path): void {
    this.#readList(type, path);
    for (const key of type._map.keys()) this.#readEntry(type, path, key);
  }

  /** Whether an item was part of the earlier state. */
  readonly #wasVisible = (item: Y.Item): boolean =>
    item.id.clock < (this.#base.get(item.id.client) ?? 0) &&
    (!item.deleted || this.#deletions.find(item.id.client, item.id.clock) !== null);
  readonly #isVisible = (item: Y.Item): boolean => !item.deleted;

  #insertedBy(item: Y.Item): Origin | null {
    return this.#insertions.find(item.id.client, item.id.clock)?.origin ?? null;
  }

  #deletedBy(item: Y.Item): Origin | null {
    return this.#deletions.find(item.id.client, item.id.clock);
  }

  #readList(type: SharedType, path: Path): void {
    const before = new Map<string, Format>();
    const after = new Map<string, Format>();
    let index = 0;
    for (const item of listItems(type)) {
      const was = this.#wasVisible(item);
      const is = this.#isVisible(item);
      if (!was && !is) continue;
      if (item.content instanceof Y.ContentFormat) {
        const { key, value } = item.content as unknown as { readonly key: string; readonly value: unknown };
        if (was) before.set(key, { value, item });
        if (is) after.set(key, { value, item });
        continue;
      }
      if (!item.countable) continue;
      if (was && is) {
        this.#readFormats({ path, index, length: item.length }, before, after);
        if (item.content instanceof Y.ContentType) this.readType(item.content.type, [...path, index]);
      } else if (is) this.#insert(item, path, { index, formats: after });
      else this.#delete(item, path, index);
      if (is) index += item.length;
    }
  }

  #insert(
    item: Y.Item,
    path: Path,
    at: { readonly index: number; readonly formats: ReadonlyMap<string, Format> },
  ): void {
    const origin = this.#insertedBy(item);
    if (origin === null) return;
    const formats = [...at.formats].filter(([, { value }]) => value !== null);
    const attributes =
      formats.length === 0
        ? {}
        : { attributes: nakedObject(formats.map(([key, { value }]): [string, Json] => [key, valueJson(value)])) };
    const content =
      item.content instanceof Y.ContentString
        ? { text: item.content.str }
        : { values: itemValues(item).map((value) => valueJson(value, this.#isVisible)) };
    this.changes.add({ type: 'insert', path, index: at.index, ...content, ...attributes, ...origin });
  }

  #delete(item: Y.Item, path: Path, index: number): void {
    const origin = this.#deletedBy(item);
    if (origin === null) return;
    const content =
      item.content instanceof Y.ContentString
        ? { text: item.content.str }
        : { values: itemValues(item).map((value) => valueJson(value, this.#wasVisible)) };
    this.changes.add({ type: 'delete', path, index, ...content, ...origin });
  }

  /** Text that stayed: which formats over it differ, by the newest event that had to do with one of them. */
  #readFormats(
    run: { readonly path: Path; readonly index: number; readonly length: number },
    before: ReadonlyMap<string, Format>,
    after: ReadonlyMap<string, Format>,
  ): void {
    if (before.size === 0 && after.size === 0) return;
    const attributes: [string, { old: Json; new: Json }][] = [];
    let origin: Origin | null = null;
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(key), after.get(key)];
      if (old?.item === now?.item) continue;
      const change = { old: valueJson(old?.value ?? null), new: valueJson(now?.value ?? null) };
      if (JSON.stringify(change.old) === JSON.stringify(change.new)) continue;
      attributes.push([key, change]);
      const by = [now && this.#insertedBy(now.item), old && this.#deletedBy(old.item)];
      for (const found of by) if (found && (origin === null || found.seq > origin.seq)) origin = found;
    }
    if (origin === null) return;
    this.changes.add({ type: 'format', ...run, attributes: Object.fromEntries(attributes), ...origin });
  }

  #readEntry(type: SharedType, parent: Path, key: string): void {
    const path = [...parent, key];
    const old = entryItem(type, key, this.#wasVisible);
    const now = entryItem(type, key, this.#isVisible);
    if (old === now) {
      if (now?.content instanceof Y.ContentType) this.readType(now.content.type, path);
      return;
    }
    const origin = now === null ? old && this.#deletedBy(old) : this.#insertedBy(now);
    if (origin === null) return;
    const was = old === null ? {} : { old: valueJson(entryValue(old), this.#wasVisible) };
    if (now !== null)
      this.changes.add({ type: 'set', path, ...was, new: valueJson(entryValue(now), this.#isVisible), ...origin });
    else this.changes.add({ type: 'remove', path, old: was.old ?? null, ...origin });
  }
}
