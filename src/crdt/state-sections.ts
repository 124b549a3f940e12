// What an encoded state consists of, read and not loaded yet: each client's structs in the order of their clocks, and a way to find one of them.

import * as Y from 'yjs';
import { type DeleteSet, StateReader, type Struct } from './state-reader.js';

type DeletedRanges = DeleteSet['clients'] extends Map<number, infer Ranges> ? Ranges : never;

/** Clocks from `from` to before `to`. */
interface Clocks {
  readonly from: number;
  to: number;
}

/** What one client made, in the order of its clocks: the structs from `from` to `to`, of which those before `next` are in the document. */
export interface Section {
  readonly client: number;
  readonly from: number;
  to: number;
  next: number;
  /** The clock behind the last of them. */
  end: number;
  /** Of what nothing but its place is left, in order and with something between them. */
  readonly collected: Clocks[];
  /** The first clock that is not in the document. */
  clock: number;
  /** Where this client's structs are in the document; `null` before the first of them. */
  kept: Struct[] | null;
  /** Where a struct was found last; the next one to be found is often near. */
  found: number;
  /** The clock up to which it is being loaded; -1 while it is not. */
  wanted: number;
}

export class StateSections {
  readonly #reader: StateReader;
  readonly #structs: Struct[] = [];
  /** The clock that each of them begins at: looked at far more often than they are, and nearer to each other. */
  readonly #clocks: number[] = [];
  readonly #sections = new Map<number, Section>();
  /** The one that is being read. */
  #section: Section | undefined;
  /** Whether each client's structs stand together, from clock 0 on. */
  #whole = true;

  constructor(state: Uint8Array) {
    this.#reader = new StateReader(state);
  }

  /** Reads so many structs; whether those were the last. */
  read(structs: number): boolean {
    for (let left = structs; left > 0; left -= 1) {
      const struct = this.#reader.next();
      if (struct === null) return true;
      this.#take(struct);
    }
    return false;
  }

  #take(struct: Struct | Y.Skip): void {
    const { client, clock } = struct.id;
    if (this.#section?.client !== client) this.#section = this.#found(client);
    const section = this.#section;
    if (clock !== section.end || struct instanceof Y.Skip) this.#whole = false;
    section.to += 1;
    section.end = clock + struct.length;
    this.#structs.push(struct as Struct);
    this.#clocks.push(clock);
    if (struct instanceof Y.Item && !(struct.content instanceof Y.ContentDeleted)) return;
    const last = section.collected.at(-1);
    if (last?.to === clock) last.to = section.end;
    else section.collected.push({ from: clock, to: section.end });
  }

  #found(client: number): Section {
    const from = this.#structs.length;
    if (this.#sections.has(client)) this.#whole = false;
    // One literal: spread together, the object would be slower to use, and this is used for every struct.
    const section = {
      client,
      from,
      to: from,
      next: from,
      end: 0,
      collected: [],
      clock: 0,
      kept: null,
      found: from,
      wanted: -1,
    };
    this.#sections.set(client, section);
    return section;
  }

  /** Whether nothing is missing, and nothing but its place is left of all that was deleted. Call it when all structs are read. */
  suits(): boolean {
    if (!this.#whole) return false;
    return [...this.#reader.deletes().clients].every(([client, ranges]) => {
      const section = this.#sections.get(client);
      return section !== undefined && areWithin(ranges, section.collected);
    });
  }

  all(): IterableIterator<Section> {
    return this.#sections.values();
  }

  of(client: number): Section | undefined {
    return this.#sections.get(client);
  }

  /** The section's next struct, of which there must be one. */
  next({ next }: Section): Struct {
    return this.#structs[next] as Struct;
  }

  /** Puts `struct` in the place of the section's next one. */
  replaceNext({ next }: Section, struct: Struct): void {
    this.#structs[next] = struct;
  }

  /** The struct that holds an id, or its first piece when Yjs has split it; `undefined` when it is not there yet. */
  find(near: Section, { client, clock }: Y.ID): Struct | undefined {
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

/** Whether each range lies in one of `collected`, which are in order. */
const areWithin = (ranges: DeletedRanges, collected: readonly Clocks[]): boolean => {
  let next = 0;
  return [...ranges]
    .sort((one, other) => one.clock - other.clock)
    .every(({ clock, len }) => {
      while (next < collected.length && (collected[next] as Clocks).to <= clock) next += 1;
      const at = collected[next];
      return at !== undefined && at.from <= clock && clock + len <= at.to;
    });
};
