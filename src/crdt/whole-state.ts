// Loads a whole state, as a checkpoint holds it, into a document that is still empty: in little more than half the time of `Y.applyUpdate`, with
// the very same items. That one looks for neighbours among objects all over the heap, makes ids that equal those at hand, and notes what changes
// for observers that are not there. Here they are found in one flat array of clocks, and each item goes between its two neighbours.
//
// Where something stands between these already, or one of them must be split, Yjs decides.

import * as Y from 'yjs';

type Struct = Y.Item | Y.GC;
type SharedType = Y.AbstractType<unknown>;

/** What one client made, in the order of its clocks: the structs from `from` to `to`, of which those before `next` are in the document. */
interface Section {
  readonly client: number;
  readonly from: number;
  to: number;
  next: number;
  /** The first clock that is not in the document. */
  clock: number;
  /** Where this client's structs are in the document; `null` before the first of them. */
  kept: Struct[] | null;
  /** Where a struct was found last; the next one to be found is often near. */
  found: number;
  /** The clock up to which it is being loaded; -1 while it is not. */
  wanted: number;
}

/**
 * Loads `state` into `doc`, which is empty and has no listeners. The state was encoded from a document that had collected what was deleted and joined
 * what belongs together, so neither is looked for again: that would be a third of the time. What Yjs had left in two pieces stays in two, of nested
 * content one item in fifty, of text none.
 *
 * Any other update is left to Yjs, and the answer is then false. Throws when the bytes are no update, or a struct refers to one that is not there.
 */
export const loadWholeState = (doc: Y.Doc, state: Uint8Array): boolean =>
  doc.transact((transaction) => {
    const { structs, ds } = Y.decodeUpdate(state);
    const loading = new Loading(doc, transaction, structs as Struct[]);
    if (!loading.suits(ds)) {
      Y.applyUpdate(doc, state);
      return false;
    }
    loading.run();
    for (const client of doc.store.clients.keys()) transaction.beforeState.set(client, Y.getState(doc.store, client));
    transaction.deleteSet.clients.clear();
    return true;
  });

class Loading {
  readonly #doc: Y.Doc;
  readonly #transaction: Y.Transaction;
  /** In the order of the update. What turns out to belong to a collected type is replaced by its place. */
  readonly #structs: Struct[];
  /** The clock that each of them begins at. */
  readonly #clocks: Float64Array;
  readonly #sections = new Map<number, Section>();

  constructor(doc: Y.Doc, transaction: Y.Transaction, structs: Struct[]) {
    this.#doc = doc;
    this.#transaction = transaction;
    this.#structs = structs;
    this.#clocks = new Float64Array(structs.length);
  }

  /** Whether each client's structs stand together from clock 0 on, and nothing but its place is left of all that `deleted` names. */
  suits(deleted: ReturnType<typeof Y.createDeleteSet>): boolean {
    let section: Section | null = null;
    let ranges: DeletedRanges | null = null;
    let clock = 0;
    for (let index = 0; index < this.#structs.length; index += 1) {
      const struct = this.#structs[index] as Struct | Y.Skip;
      const { id, length } = struct;
      if (section?.client !== id.client) {
        if (ranges?.reachBeyond(clock) || this.#sections.has(id.client)) return false;
        section = this.#begin(id.client, index);
        ranges = new DeletedRanges(deleted.clients.get(id.client) ?? []);
        clock = 0;
      }
      if (id.clock !== clock || struct instanceof Y.Skip) return false;
      this.#clocks[index] = clock;
      section.to = index + 1;
      clock += length;
      if (struct instanceof Y.Item && !(struct.content instanceof Y.ContentDeleted) && ranges?.meet(id.clock, clock))
        return false;
    }
    if (ranges?.reachBeyond(clock)) return false;
    return [...deleted.clients.keys()].every((client) => this.#sections.has(client));
  }

  #begin(client: number, from: number): Section {
    const section = { client, from, to: from, next: from, clock: 0, kept: null, found: from, wanted: -1 };
    this.#sections.set(client, section);
    return section;
  }

  /** Client by client; where a struct refers to one that is not there yet, that one's client goes first, up to there. */
  run(): void {
    for (const first of this.#sections.values()) {
      first.wanted = Number.POSITIVE_INFINITY;
      const waiting: Section[] = [];
      let section: Section | undefined = first;
      while (section !== undefined) {
        const missing = this.#advance(section);
        if (missing === null) {
          section.wanted = -1;
          section = waiting.pop();
          continue;
        }
        const before = this.#sections.get(missing.client);
        if (before === undefined || before.wanted >= 0 || before.next === before.to)
          throw new Error('The state refers to something that is not in it.');
        before.wanted = missing.clock;
        waiting.push(section);
        section = before;
      }
    }
  }

  /** Loads a client's structs up to what is wanted. Answers what must be there before it can go on, or `null` at the end. */
  #advance(section: Section): Y.ID | null {
    while (section.next < section.to && section.clock <= section.wanted) {
      const struct = this.#structs[section.next] as Struct;
      const { length } = struct;
      if (struct instanceof Y.Item) {
        const missing = this.#load(section, struct);
        if (missing !== null) return missing;
      } else this.#keep(section, struct);
      section.next += 1;
      section.clock += length;
    }
    return null;
  }

  /** Answers what must be there before `item`, or `null` when it is in the document. */
  #load(section: Section, item: Y.Item): Y.ID | null {
    const { origin, rightOrigin } = item;
    const left = origin && this.#find(section, origin);
    if (left === undefined) return origin;
    const right = rightOrigin && this.#find(section, rightOrigin);
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
      this.#structs[section.next] = place;
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
    const item = this.#find(section, id);
    if (item === undefined) return undefined;
    return item instanceof Y.Item && item.content instanceof Y.ContentType ? item.content.type : null;
  }

  /** The struct that holds an id, or its first piece when Yjs has split it; `undefined` when it is not there yet. */
  #find(near: Section, { client, clock }: Y.ID): Struct | undefined {
    const section = client === near.client ? near : this.#sections.get(client);
    if (section === undefined || clock >= section.clock) return undefined;
    return this.#structs[this.#indexOf(section, clock)];
  }

  #indexOf(section: Section, clock: number): number {
    const clocks = this.#clocks;
    let low = section.from;
    let high = section.to - 1;
    const near = section.found;
    if ((clocks[near] as number) <= clock) {
      if (near === high || (clocks[near + 1] as number) > clock) return near;
      low = near + 1;
      if (low === high || (clocks[low + 1] as number) > clock) high = low;
    } else high = near - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((clocks[middle] as number) <= clock) low = middle;
      else high = middle - 1;
    }
    section.found = low;
    return low;
  }
}

/** Whether its neighbours are whole, and nothing stands between them. */
const isBetween = ({ left, right, origin, rightOrigin }: Y.Item): boolean => {
  if (left !== null && left.id.clock + left.length - 1 !== origin?.clock) return false;
  if (right !== null && right.id.clock !== rightOrigin?.clock) return false;
  return left !== null ? left.right === right : right !== null && right.left === null;
};

/** A client's deleted clocks, asked about from the first to the last. */
class DeletedRanges {
  readonly #ranges: readonly { readonly clock: number; readonly len: number }[];
  #next = 0;

  constructor(ranges: readonly { readonly clock: number; readonly len: number }[]) {
    this.#ranges = [...ranges].sort((one, other) => one.clock - other.clock);
  }

  /** Whether any clock with `from` ≤ clock < `to` is deleted. */
  meet(from: number, to: number): boolean {
    for (let range = this.#ranges[this.#next]; range !== undefined; range = this.#ranges[this.#next]) {
      if (range.clock + range.len > from) return range.clock < to;
      this.#next += 1;
    }
    return false;
  }

  reachBeyond(clock: number): boolean {
    return this.#ranges.some((range) => range.clock + range.len > clock);
  }
}
