// Reads a Yjs V1 update strictly into plain data, and puts one together again without some of its parts. It never calls Yjs, which
// trusts its input: Y.decodeUpdate reserves memory for any length it is told. Whether the update fits a document is gate.ts' question.

import { StrictReader } from './strict-reader.js';
import type { UpdateLimits } from './update-limits.js';
import {
  clientLimit,
  clockLimit,
  type ParsedStruct,
  type ParseRule,
  readStruct,
  type UpdateReader,
} from './update-structs.js';

/** The structs of one client, without gaps. */
export interface Section {
  readonly client: number;
  /** The clock of the first struct, and the one after the last. */
  readonly clock: number;
  readonly end: number;
  readonly structs: readonly ParsedStruct[];
  /** The section's bytes in the update. */
  readonly from: number;
  readonly to: number;
}

export interface DeleteRange {
  readonly clock: number;
  readonly length: number;
}

export interface DeleteSection {
  readonly client: number;
  readonly ranges: readonly DeleteRange[];
  readonly from: number;
  readonly to: number;
}

export interface ParsedUpdate {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly deletes: readonly DeleteSection[];
}

/** Throws ContrailError `invalid-update`; `extra.rule` is a ParseRule. */
export const parseUpdate = (bytes: Uint8Array, limits: UpdateLimits): ParsedUpdate => {
  const reader: UpdateReader = new StrictReader<ParseRule>(bytes, 'invalid-update');
  const sections = readSections(reader, limits);
  const deletes = readDeletes(reader, limits);
  reader.finish();
  return { bytes, sections, deletes };
};

const readSections = (reader: UpdateReader, limits: UpdateLimits): readonly Section[] => {
  // A section is at least a count, a client, a clock and a struct of two bytes.
  const count = clientCount(reader, 5, limits);
  const sections: Section[] = [];
  const clients = count > 1 ? new Set<number>() : null;
  // Needed where there are several to count, which a keystroke has not.
  let roots: Set<string> | null = null;
  let budget = limits.maxStructs;
  for (let index = 0; index < count; index += 1) {
    const section = readSection(reader, budget, limits);
    budget -= section.structs.length;
    if (clients?.has(section.client)) reader.fail('duplicate-section', `Client ${section.client} has two sections.`);
    clients?.add(section.client);
    if (section.structs.length > 1 || count > 1) {
      roots ??= new Set();
      for (const struct of section.structs) if (typeof struct.parent === 'string') roots.add(struct.parent);
      if (roots.size > limits.maxRootNames) reader.fail('too-many-roots', 'The update names too many shared types.');
    }
    sections.push(section);
  }
  return sections;
};

/** How many clients' parts follow, of `least` bytes each at least. */
const clientCount = (reader: UpdateReader, least: number, { maxClients }: UpdateLimits): number => {
  const count = reader.count(least);
  if (count > maxClients) reader.fail('too-many-clients', `The update names more than ${maxClients} clients.`);
  return count;
};

const readSection = (reader: UpdateReader, budget: number, limits: UpdateLimits): Section => {
  const from = reader.at;
  const count = reader.count(2);
  if (count === 0) reader.fail('empty-section', `The section at byte ${from} has no structs.`);
  if (count > budget) reader.fail('too-many-structs', `The update has more than ${limits.maxStructs} structs.`);
  const client = reader.varUint(clientLimit);
  const start = reader.varUint(clockLimit);
  const structs: ParsedStruct[] = [];
  const cursor = { client, clock: start };
  for (let index = 0; index < count; index += 1) {
    const struct = readStruct(reader, cursor, limits);
    structs.push(struct);
    cursor.clock += struct.length;
  }
  return { client, clock: start, end: cursor.clock, structs, from, to: reader.at };
};

const readDeletes = (reader: UpdateReader, limits: UpdateLimits): readonly DeleteSection[] => {
  const count = clientCount(reader, 2, limits);
  if (count === 0) return noDeletes;
  const deletes: DeleteSection[] = [];
  const clients = count > 1 ? new Set<number>() : null;
  let budget = limits.maxDeleteRanges;
  for (let index = 0; index < count; index += 1) {
    const from = reader.at;
    const client = reader.varUint(clientLimit);
    if (clients?.has(client)) reader.fail('duplicate-deletes', `Client ${client} has two sets of deletes.`);
    clients?.add(client);
    const rangeCount = reader.count(2);
    budget -= rangeCount;
    if (budget < 0) reader.fail('too-many-ranges', `The update has more than ${limits.maxDeleteRanges} delete ranges.`);
    const ranges: DeleteRange[] = [];
    let behind = 0;
    for (let left = rangeCount; left > 0; left -= 1) {
      const clock = reader.varUint(clockLimit);
      const length = reader.varUint(clockLimit);
      if (length === 0) reader.fail('empty-range', `The delete range that ends at byte ${reader.at} is empty.`);
      if (clock + length >= clockLimit) reader.fail('clock-range', 'A delete range goes beyond 2^31.');
      // Every encoder sorts and merges them; overlapping ones would make Yjs visit the same items again and again.
      if (clock < behind) reader.fail('range-order', 'Delete ranges overlap or are out of order.');
      behind = clock + length;
      ranges.push({ clock, length });
    }
    deletes.push({ client, ranges, from, to: reader.at });
  }
  return deletes;
};

const noDeletes: readonly DeleteSection[] = [];

/** The update with only those sections and deletes that are to be kept, cut from its own bytes. */
export const joinUpdate = (
  parsed: ParsedUpdate,
  keepSection: (section: Section) => boolean,
  keepDeletes: (deletes: DeleteSection) => boolean,
): Uint8Array => {
  const { bytes } = parsed;
  const sections = parsed.sections.filter(keepSection);
  const deletes = parsed.deletes.filter(keepDeletes);
  const parts = [
    countBytes(sections.length),
    ...sections.map(({ from, to }) => bytes.subarray(from, to)),
    countBytes(deletes.length),
    ...deletes.map(({ from, to }) => bytes.subarray(from, to)),
  ];
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

const countBytes = (count: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = count;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
};
