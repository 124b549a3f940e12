// Rewrites the origins of structs inside an update's bytes. Yjs' own undo (13.6, `redoItem`) makes insertions whose right origin is not
// after their left one; peers then disagree about the place, and so do a document and its reload. The gate gives such a struct origins
// that everybody resolves alike. Called by update-check.ts alone.

import type { ParsedUpdate } from './update-parser.js';
import { hasOrigin, hasRightOrigin, type Id, type ParsedStruct } from './update-structs.js';

export interface Repair {
  readonly struct: ParsedStruct;
  /** The new ones; at least one is not `null`, as before. */
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
}

const pushVarUint = (bytes: number[], value: number): void => {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
};

const originBytes = (info: number, { origin, rightOrigin }: Repair): readonly number[] => {
  const flags = (origin === null ? 0 : hasOrigin) | (rightOrigin === null ? 0 : hasRightOrigin);
  const bytes = [(info & ~(hasOrigin | hasRightOrigin)) | flags];
  for (const id of [origin, rightOrigin]) {
    if (id === null) continue;
    pushVarUint(bytes, id.client);
    pushVarUint(bytes, id.clock);
  }
  return bytes;
};

export const repairUpdate = ({ bytes }: ParsedUpdate, repairs: readonly Repair[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const repair of repairs.toSorted((one, other) => one.struct.from - other.struct.from)) {
    const { from, originsTo } = repair.struct;
    parts.push(bytes.subarray(at, from), Uint8Array.from(originBytes(bytes[from] ?? 0, repair)));
    at = originsTo;
  }
  parts.push(bytes.subarray(at));
  return Uint8Array.from(Buffer.concat(parts));
};
