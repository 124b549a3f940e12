// What a view document holds, as plain data, and the way patches change it. What is there already is left alone, so that an unchanged record
// costs nothing. Each change comes with what takes it back.

import type { Json } from '../model/json.js';
import type { EntryPatch } from '../model/views.js';
import type { DeleteRange } from './update-parser.js';
import type { Part } from './update-splice.js';
import { encodeItems, type ViewItem, type ViewItems, type ViewName } from './view-items.js';

/** How the items were before a change. */
export interface Undo {
  readonly length: number;
  /** By clock: what a change put something else in the place of. */
  readonly replaced: ReadonlyMap<number, ViewItem | null>;
}

export interface ContentChange {
  /** For those who have what was there before. */
  readonly part: Part;
  readonly undo: Undo;
}

interface Entry {
  readonly clock: number;
  /** The clocks of the last item of each field, also of one that was removed. A list: there are a dozen, and thousands of entries. */
  readonly fields: number[];
}

/** A view is worn when it is stored in so many pieces, and they are this many times the live ones (C6). */
const wornFrom = 2_000;
const wornFactor = 4;
const turns = 64;

export class ViewContent implements ViewName {
  readonly root: string;
  readonly client: number;
  readonly #items: (ViewItem | null)[];
  readonly #entries = new Map<string, Entry>();
  /** The clock of the last item of each key of the root, also of one that was removed. */
  readonly #last = new Map<string, number>();
  #live = 0;
  #dead = 0;
  /** The keys in order, while changes that ask for the highest add what is higher still: no need to sort then. */
  #sorted: string[] | null = null;
  /** Of the change under way: what takes it back, and what was live before. */
  #undo = { length: 0, replaced: new Map<number, ViewItem | null>() };
  #deleted: number[] = [];

  constructor({ root, client }: ViewName, items: ViewItems = []) {
    this.root = root;
    this.client = client;
    this.#items = [...items];
    this.#index();
  }

  /** All items that ever were. */
  get items(): ViewItems {
    return this.#items;
  }

  /**
   * From 0 to 1, by the client id: how much earlier or later than others it is due for what every view is due for some day. Inboxes that show the
   * same broadcasts would else all be due at the same one, and typing would wait for all of them.
   */
  get turn(): number {
    return (this.client % turns) / turns;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /**
   * Mostly tombstones: an overwritten field leaves a piece of about ten bytes for ever, and an entry that is gone one for its key and one for all of
   * its fields.
   */
  get isWorn(): boolean {
    const pieces = this.#live + this.#dead + this.#last.size - this.#entries.size;
    return pieces >= Math.max(wornFrom, wornFactor * this.#live) * (1 + this.turn / 4);
  }

  /** Carries out patches, and keeps the highest keys alone where asked to; `null` when nothing changes. */
  change(patches: readonly EntryPatch[], highest?: number): ContentChange | null {
    const undo = { length: this.#items.length, replaced: new Map<number, ViewItem | null>() };
    this.#undo = undo;
    this.#deleted = [];
    try {
      for (const patch of patches) this.#patch(patch);
      if (highest !== undefined) this.#keepHighest(highest);
      if (this.#items.length === undo.length && this.#deleted.length === 0) return null;
      const deletes = rangesOfClocks(this.#deleted);
      return { part: encodeItems(this.#items, this, { from: undo.length, deletes }), undo };
    } catch (error) {
      this.undo([undo]);
      throw error;
    }
  }

  /** Takes changes back: the last ones, given in the order in which they were made. */
  undo(changes: readonly Undo[]): void {
    takeBack(this.#items, changes);
    this.#index();
  }

  /** The items as they were before the changes, which are the last ones in their order. */
  before(changes: readonly Undo[]): ViewItems {
    return changes.length === 0 ? this.#items : takeBack([...this.#items], changes);
  }

  /** Every entry as the patch that makes it. */
  patches(): readonly EntryPatch[] {
    return [...this.#entries].map(([key, { fields }]) => ({ key, fields: Object.fromEntries(this.#values(fields)) }));
  }

  /** Patches that make of the entries what is expected: other keys and other fields go. */
  patchesTo(expected: readonly EntryPatch[]): readonly EntryPatch[] {
    const keys = new Set(expected.map(({ key }) => key));
    const gone = [...this.#entries.keys()].filter((key) => !keys.has(key)).map((key) => ({ key, fields: null }));
    return [
      ...gone,
      ...expected.map(({ key, fields }) => {
        if (fields === null) return { key, fields };
        const present = this.#values(this.#entries.get(key)?.fields ?? []);
        const surplus = present.filter(([field]) => !(field in fields)).map(([field]) => [field, undefined]);
        return { key, fields: { ...Object.fromEntries(surplus), ...fields } };
      }),
    ];
  }

  #patch({ key, fields }: EntryPatch): void {
    if (fields === null) return this.#remove(key);
    const entry = this.#entries.get(key) ?? this.#add(key);
    for (const [field, value] of Object.entries(fields)) this.#set(entry, field, value);
  }

  #keepHighest(count: number): void {
    const sorted = this.#sorted ?? [...this.#entries.keys()].sort();
    for (const key of sorted.splice(0, Math.max(0, sorted.length - count))) this.#remove(key);
    this.#sorted = sorted;
  }

  #add(key: string): Entry {
    const origin = this.#last.get(key) ?? null;
    const clock = this.#append({ kind: 'entry', origin, entry: null, key, value: null });
    const entry: Entry = { clock, fields: [] };
    this.#entries.set(key, entry);
    this.#last.set(key, clock);
    if (this.#sorted && (this.#sorted.at(-1) ?? '') < key) this.#sorted.push(key);
    else this.#sorted = null;
    return entry;
  }

  #set({ clock: entry, fields }: Entry, key: string, value: Json | undefined): void {
    const place = this.#placeOf(key, fields);
    const last = fields[place];
    const before = last === undefined ? null : this.#items[last];
    if (last !== undefined && before?.kind === 'field') {
      if (value !== undefined && isSameJson(before.value, value)) return;
      this.#delete(last, { kind: 'dead', origin: before.origin, entry, key, value: null });
    }
    if (value === undefined) return;
    const clock = this.#append({ kind: 'field', origin: last ?? null, entry, key, value });
    fields[place < 0 ? fields.length : place] = clock;
  }

  /** Where the field's last item stands in the list; -1 for a field that never was. */
  #placeOf(key: string, fields: readonly number[]): number {
    return fields.findIndex((clock) => this.#items[clock]?.key === key);
  }

  /** Of what is in the entry not even the places are kept: nobody can refer to them any more. */
  #remove(key: string): void {
    const entry = this.#entries.get(key);
    const item = entry && this.#items[entry.clock];
    if (!entry || !item) return;
    this.#entries.delete(key);
    this.#sorted = null;
    this.#delete(entry.clock, { kind: 'dead', origin: item.origin, entry: null, key, value: null });
    for (const last of entry.fields)
      for (let clock: number | null = last; clock !== null; ) {
        const earlier: number | null = this.#items[clock]?.origin ?? null;
        this.#delete(clock, null);
        clock = earlier;
      }
  }

  #append(item: ViewItem): number {
    this.#live += 1;
    return this.#items.push(item) - 1;
  }

  #delete(clock: number, remains: ViewItem | null): void {
    const item = this.#items[clock] ?? null;
    const { length, replaced } = this.#undo;
    if (clock < length && !replaced.has(clock)) replaced.set(clock, item);
    if (item?.kind === 'dead') this.#dead -= 1;
    else {
      this.#live -= 1;
      this.#deleted.push(clock);
    }
    if (remains) this.#dead += 1;
    this.#items[clock] = remains;
  }

  #values(fields: readonly number[]): [field: string, value: Json][] {
    return fields.flatMap((clock) => {
      const item = this.#items[clock];
      return item?.kind === 'field' ? [[item.key, item.value]] : [];
    });
  }

  #index(): void {
    this.#entries.clear();
    this.#last.clear();
    this.#sorted = null;
    this.#live = 0;
    this.#dead = 0;
    const byClock = new Map<number, Entry>();
    for (const [clock, item] of this.#items.entries()) {
      if (!item) continue;
      if (item.kind === 'dead') this.#dead += 1;
      else this.#live += 1;
      if (item.entry !== null) {
        const fields = byClock.get(item.entry)?.fields ?? [];
        const place = this.#placeOf(item.key, fields);
        fields[place < 0 ? fields.length : place] = clock;
      } else {
        this.#last.set(item.key, clock);
        if (item.kind === 'dead') continue;
        const entry: Entry = { clock, fields: [] };
        byClock.set(clock, entry);
        this.#entries.set(item.key, entry);
      }
    }
  }
}

const takeBack = (items: (ViewItem | null)[], changes: readonly Undo[]): (ViewItem | null)[] => {
  for (const { length, replaced } of [...changes].reverse()) {
    items.length = length;
    for (const [clock, item] of replaced) items[clock] = item;
  }
  return items;
};

const rangesOfClocks = (clocks: number[]): readonly DeleteRange[] => {
  const ranges: { clock: number; length: number }[] = [];
  for (const clock of clocks.sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last.clock + last.length === clock) last.length += 1;
    else ranges.push({ clock, length: 1 });
  }
  return ranges;
};

/** JSON by value; member order counts, which errs on the side of writing. */
const isSameJson = (a: Json, b: Json): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));
