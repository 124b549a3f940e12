// The structs of a Yjs V1 update as plain data, and how one is read. Strict, without Yjs, and without looking at any document:
// what a struct refers to is checked in gate.ts. The layout is that of Yjs' utils/encoding.js and structs/*.js.

import { skipAny } from './any-value.js';
import { readRules, type StrictReader } from './strict-reader.js';
import type { UpdateLimits } from './update-limits.js';

/** Names one character, value or mark: the client that made it and its number there. */
export interface Id {
  readonly client: number;
  readonly clock: number;
}

/** Content kinds of Yjs; the first five bits of a struct. */
export const kinds = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  subdocument: 9,
} as const;

export interface ParsedStruct {
  readonly client: number;
  readonly clock: number;
  /** In clocks; for strings their UTF-16 length. */
  readonly length: number;
  /** One of `kinds`. */
  readonly kind: number;
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
  /** A root's name, or the item that holds the type. `null` when it is the parent of `origin` or `rightOrigin` (or for a GC struct). */
  readonly parent: string | Id | null;
  /** The map key, where `parent` is given; `null` for a place in a sequence, or when it is that of the origin. */
  readonly key: string | null;
  /** For kind 7 the type: 0 array, 1 map, 2 text, 3 XML element, 4 XML fragment, 5 XML hook, 6 XML text; otherwise -1. */
  readonly typeRef: number;
  /** Where the struct begins in the update, and where its origins end (for GC structs the same). */
  readonly from: number;
  readonly originsTo: number;
}

export const parseRules = [
  ...readRules,
  'empty-section',
  'empty-struct',
  'duplicate-section',
  'duplicate-deletes',
  'empty-range',
  'range-order',
  'skip',
  'content-kind',
  'struct-flags',
  'type-kind',
  'parent-kind',
  'root-name',
  'too-many-roots',
  'too-many-structs',
  'too-many-ranges',
  'too-many-clients',
  'clock-range',
  'subdocument-options',
] as const;
export type ParseRule = (typeof parseRules)[number];

export type UpdateReader = StrictReader<ParseRule>;

export const clientLimit = 2 ** 32;
export const clockLimit = 2 ** 31;

/** Not content but a gap, which merged updates can have. */
export const skip = 10;
export const hasOrigin = 0x80;
export const hasRightOrigin = 0x40;
export const hasKey = 0x20;
const xmlElement = 3;
const xmlHook = 5;
const typeKinds = 7;
const subdocumentOptions = new Set(['gc', 'autoLoad', 'meta']);

const readId = (reader: UpdateReader): Id => {
  const client = reader.varUint(clientLimit);
  return { client, clock: reader.varUint(clockLimit) };
};

const readParent = (reader: UpdateReader, limits: UpdateLimits): string | Id => {
  const isRoot = reader.varUint(clientLimit);
  if (isRoot === 0) return readId(reader);
  if (isRoot !== 1) reader.fail('parent-kind', `Byte ${reader.at - 1} must be 0 or 1.`);
  const from = reader.at;
  reader.skipBlock();
  if (reader.at - from > limits.maxRootNameBytes + 2) {
    reader.fail('root-name', `The name of a shared type is longer than ${limits.maxRootNameBytes} bytes.`);
  }
  reader.at = from;
  return reader.string();
};

const readLength = (reader: UpdateReader): number => reader.varUint(clockLimit);

/** Reads the content and answers its length in clocks. */
const skipContent = (reader: UpdateReader, kind: number, limits: UpdateLimits): number => {
  switch (kind) {
    case kinds.deleted:
      return readLength(reader);
    case kinds.json: {
      if (!limits.legacyJson) reader.fail('content-kind', 'Content of kind 2 is not allowed here.');
      const count = reader.count(1);
      for (let left = count; left > 0; left -= 1) skipLegacyJson(reader, limits);
      return count;
    }
    case kinds.binary:
      reader.skipBlock();
      return 1;
    case kinds.string:
      return reader.skipString();
    case kinds.embed:
      reader.json(limits.maxValueDepth);
      return 1;
    case kinds.format:
      reader.skipString();
      reader.json(limits.maxValueDepth);
      return 1;
    case kinds.any: {
      const count = reader.count(1);
      for (let left = count; left > 0; left -= 1) skipAny(reader, limits.maxValueDepth);
      return count;
    }
    case kinds.subdocument:
      if (!limits.subdocuments) reader.fail('content-kind', 'Subdocuments are not allowed here.');
      reader.skipString();
      skipSubdocumentOptions(reader, limits);
      return 1;
    default:
      return reader.fail('content-kind', `There is no content of kind ${kind}.`);
  }
};

const skipLegacyJson = (reader: UpdateReader, limits: UpdateLimits): void => {
  const from = reader.at;
  if (reader.string() === 'undefined') return;
  reader.at = from;
  reader.json(limits.maxValueDepth);
};

/** They are spread into the arguments of a `Y.Doc`, so only what Yjs itself writes there may stand there. */
const skipSubdocumentOptions = (reader: UpdateReader, limits: UpdateLimits): void => {
  if (reader.uint8() !== 118) reader.fail('subdocument-options', 'The options of a subdocument must be an object.');
  for (let left = reader.count(2); left > 0; left -= 1) {
    const name = reader.string();
    if (!subdocumentOptions.has(name)) reader.fail('subdocument-options', 'A subdocument has an unknown option.');
    skipAny(reader, limits.maxValueDepth);
  }
};

const readTypeRef = (reader: UpdateReader): number => {
  const typeRef = reader.varUint(clientLimit);
  if (typeRef >= typeKinds) reader.fail('type-kind', `There is no shared type of kind ${typeRef}.`);
  if (typeRef === xmlElement || typeRef === xmlHook) reader.skipString();
  return typeRef;
};

export const readStruct = (reader: UpdateReader, { client, clock }: Id, limits: UpdateLimits): ParsedStruct => {
  const from = reader.at;
  const info = reader.uint8();
  const kind = info & 0x1f;
  let origin: Id | null = null;
  let rightOrigin: Id | null = null;
  let parent: string | Id | null = null;
  let key: string | null = null;
  let typeRef = -1;
  let length: number;
  let originsTo = from;
  if (kind === kinds.gc) {
    if (info !== 0)
      reader.fail('struct-flags', `The struct at byte ${reader.at - 1} has flags that its kind cannot have.`);
    length = readLength(reader);
  } else if (kind === skip) {
    reader.fail('skip', 'An update must not have gaps (a Skip struct).');
  } else {
    if ((info & hasOrigin) !== 0) origin = readId(reader);
    if ((info & hasRightOrigin) !== 0) rightOrigin = readId(reader);
    originsTo = reader.at;
    if (origin === null && rightOrigin === null) {
      parent = readParent(reader, limits);
      if ((info & hasKey) !== 0) key = reader.string();
    }
    if (kind === kinds.type) {
      typeRef = readTypeRef(reader);
      length = 1;
    } else length = skipContent(reader, kind, limits);
  }
  if (length === 0) reader.fail('empty-struct', `The struct that ends at byte ${reader.at} has no length.`);
  if (clock + length >= clockLimit) reader.fail('clock-range', 'A clock goes beyond 2^31.');
  return { client, clock, length, kind, origin, rightOrigin, parent, key, typeRef, from, originsTo };
};
