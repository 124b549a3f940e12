// Loads a whole state, as a checkpoint holds it, into a document that is still empty: in little more than half the time of `Y.applyUpdate`, with
// the very same items. That one looks for neighbours among objects all over the heap, makes ids that equal those at hand, and notes what changes
// for observers that are not there. Here they are found in one flat array of clocks, and each item goes between its two neighbours.
//
// Where something stands between these already, or one of them must be split, Yjs decides.

import * as Y from 'yjs';
import type { Struct } from './state-reader.js';
import { type Section, StateSections } from './state-sections.js';

type SharedType = Y.AbstractType<unknown>;

/** So many structs are read or loaded in a step: about a millisecond, twice that while V8 has not compiled it. */
const stepStructs = 1_000;

/**
 * Loads `state` into `doc`, which is empty and has no listeners, a step at a time so that others get their turn in between. Nobody may touch `doc`
 * before the last.
 *
 * The state was encoded from a document that had collected what was deleted and joined what belongs together, so neither is looked for again: that would
 * be a third of the time. What Yjs had left in two pieces stays in two, of nested content one item in fifty, of text none.
 *
 * Any other update is left to Yjs, in one step, and the answer is then false. Throws when the bytes are no update, or a struct refers to one that
 * is not there.
 */
export function* wholeStateSteps(doc: Y.Doc, state: Uint8Array, structs = stepStructs): Generator<void, boolean> {
  const sections = new StateSections(state);
  while (!sections.read(structs)) yield;
  if (!sections.suits())
    return doc.transact(() => {
      Y.applyUpdate(doc, state);
      return false;
    });
  const loading = new Loading(doc, sections);
  while (!doc.transact((transaction) => loading.load(transaction, structs))) yield;
  return true;
}

class Loading {
  readonly #doc: Y.Doc;
  readonly #sections: StateSections;
  readonly #unbegun: IterableIterator<Section>;
  /** What is being loaded, and what waits for it. */
  #section: Section | undefined;
  readonly #waiting: Section[] = [];
  /** How many structs the step may still load. */
  #left = 0;
  #transaction!: Y.Transaction;
  /** What Yjs has split so far. It joins that again in the end, not before: until then items are looked up as they were read. */
  readonly #split: Y.Transaction['_mergeStructs'] = [];

  constructor(doc: Y.Doc, sections: StateSections) {
    this.#doc = doc;
    this.#sections = sections;
    this.#unbegun = sections.all();
  }

  /** Loads so many structs; whether those were the last. */
  load(transaction: Y.Transaction, structs: number): boolean {
    this.#transaction = transaction;
    this.#left = structs;
    // As if there were one transaction: whatever it finds is new.
    transaction.beforeState.clear();
    const done = this.#run();
    const { clients } = this.#doc.store;
    for (const client of clients.keys()) transaction.beforeState.set(client, Y.getState(this.#doc.store, client));
    transaction.deleteSet.clients.clear();
    this.#split.push(...transaction._mergeStructs);
    transaction._mergeStructs = done ? this.#split : [];
    return done;
  }

  /** Client by client; where a struct refers to one that is not there yet, that one's client goes first, up to there. */
  #run(): boolean {
    while (this.#left > 0) {
      this.#section ??= this.#begin();
      if (this.#section === undefined) return true;
      const missing = this.#advance(this.#section);
      if (missing === undefined) return false;
      if (missing === null) {
        this.#section.wanted = -1;
        this.#section = this.#waiting.pop();
        continue;
      }
      const before = this.#sections.of(missing.client);
      if (before === undefined || before.wanted >= 0 || before.next === before.to)
        throw new Error('The state refers to something that is not in it.');
      before.wanted = missing.clock;
      this.#waiting.push(this.#section);
      this.#section = before;
    }
    return false;
  }

  #begin(): Section | undefined {
    const { value } = this.#unbegun.next();
    if (value) value.wanted = Number.POSITIVE_INFINITY;
    return value;
  }

  /** Loads a client's structs up to what is wanted. Answers what must be there before it can go on, `null` at the end; `undefined` at the step's. */
  #advance(section: Section): Y.ID | null | undefined {
    while (section.next < section.to && section.clock <= section.wanted) {
      if (this.#left === 0) return undefined;
      const struct = this.#sections.next(section);
      const { length } = struct;
      if (struct instanceof Y.Item) {
        const missing = this.#load(section, struct);
        if (missing !== null) return missing;
      } else this.#keep(section, struct);
      section.next += 1;
      section.clock += length;
      this.#left -= 1;
    }
    return null;
  }

  /** Answers what must be there before `item`, or `null` when it is in the document. */
  #load(section: Section, item: Y.Item): Y.ID | null {
    const { origin, rightOrigin } = item;
    const left = origin && this.#sections.find(section, origin);
    if (left === undefined) return origin;
    const right = rightOrigin && this.#sections.find(section, rightOrigin);
    if (right === undefined) return rightOrigin;
    let type: SharedType | null = null;
    if (left === null && right === null) {
      // Yjs leaves a root's name here until the item is in a document.
      const parent = item.parent as unknown as string | Y.ID;
      const found = typeof parent === 'string' ? this.#doc.get(parent) : this.#typeAt(section, parent);
      if (found === undefined) return parent as Y.ID;
      type = found;
    } else if (!(left instanceof Y.GC || right instanceof Y.GC)) {
      const neighbour = (left ?? right) as Y.Item;
      type = neighbour.parent as SharedType;
      item.parentSub = neighbour.parentSub;
    }
    if (type === null) {
      const place = new Y.GC(item.id, item.length);
      this.#sections.replaceNext(section, place);
      this.#keep(section, place);
      return null;
    }
    item.parent = type;
    item.left = left as Y.Item | null;
    item.right = right as Y.Item | null;
    if (isBetween(item)) this.#place(section, item, type);
    else {
      item.getMissing(this.#transaction, this.#doc.store);
      item.integrate(this.#transaction, 0);
    }
    return null;
  }

  /** Puts an item between its neighbours, of which there is one at least. */
  #place(section: Section, item: Y.Item, type: SharedType): void {
    const { left, right, parentSub, content } = item;
    if (left !== null) left.right = item;
    else if (parentSub === null) type._start = item;
    if (right !== null) right.left = item;
    else if (parentSub !== null) {
      type._map.set(parentSub, item);
      left?.delete(this.#transaction);
    }
    this.#keep(section, item);
    // Yjs would write it into the transaction's delete set first.
    if (content instanceof Y.ContentDeleted) item.markDeleted();
    else {
      if (parentSub === null && item.countable) type._length += item.length;
      content.integrate(this.#transaction, item);
      if (type._item?.deleted || (parentSub !== null && right !== null)) item.delete(this.#transaction);
    }
  }

  #keep(section: Section, struct: Struct): void {
    const { clients } = this.#doc.store;
    if (section.kept === null) {
      section.kept = clients.get(section.client) ?? [];
      clients.set(section.client, section.kept);
    }
    section.kept.push(struct);
  }

  /** The type that the item with that id holds, `null` when it was collected; `undefined` when the item is not there yet. */
  #typeAt(section: Section, id: Y.ID): SharedType | null | undefined {
    const item = this.#sections.find(section, id);
    if (item === undefined) return undefined;
    return item instanceof Y.Item && item.content instanceof Y.ContentType ? item.content.type : null;
  }
}

/** Whether its neighbours are whole, and nothing stands between them. */
const isBetween = ({ left, right, origin, rightOrigin }: Y.Item): boolean => {
  if (left !== null && left.id.clock + left.length - 1 !== origin?.clock) return false;
  if (right !== null && right.id.clock !== rightOrigin?.clock) return false;
  return left !== null ? left.right === right : right !== null && right.left === null;
};
