// Yjs V1 updates put together from whole parts, without reading what is in them: the sections of all, then the delete sets of all. For updates
// of different clients that is what merging them would give, at the cost of copying.

import * as Y from 'yjs';
import { encodeVarUints, varUintSize } from './var-uint.js';

/** An update and where its delete set begins. */
export interface Part {
  readonly update: Uint8Array;
  readonly deletesAt: number;
}

/** What a document has beyond a state vector, ready to be joined with others. */
export const partOf = (doc: Y.Doc, known: Uint8Array): Part => {
  const update = Y.encodeStateAsUpdate(doc, known);
  return { update, deletesAt: update.length - deleteSetBytes(doc) };
};

/** One update with the content of all parts; no client may have structs in two of them. */
export const joinParts = (
  parts: readonly Part[],
  retracted: readonly { readonly client: number; readonly end: number }[],
): Uint8Array => {
  const pieces: Uint8Array[] = [];
  let sections = 0;
  let deletes = 0;
  const deletePieces: Uint8Array[] = [];
  for (const { update, deletesAt } of parts) {
    const structs = readCount(update, 0);
    const dead = readCount(update, deletesAt);
    sections += structs.count;
    deletes += dead.count;
    pieces.push(update.subarray(structs.end, deletesAt));
    deletePieces.push(update.subarray(dead.end));
  }
  const own = encodeDeletes(retracted);
  deletes += retracted.length;
  deletePieces.push(own.subarray(readCount(own, 0).end));
  return Buffer.concat([encodeVarUints([sections]), ...pieces, encodeVarUints([deletes]), ...deletePieces]);
};

/** A delete set that covers clocks 0 to `end - 1` of each client. */
export const encodeDeletes = (ranges: readonly { readonly client: number; readonly end: number }[]): Uint8Array =>
  encodeVarUints([ranges.length, ...ranges.flatMap(({ client, end }) => [client, 1, 0, end])]);

/** An update that only deletes clocks 0 to `end - 1` of each client: what stale content is retracted with (C3). */
export const encodeRetraction = (ranges: readonly { readonly client: number; readonly end: number }[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(0), encodeDeletes(ranges)]);

/** How many bytes the delete set of an update of this document has: `encodeStateAsUpdate` always writes the whole set. */
const deleteSetBytes = (doc: Y.Doc): number => {
  const { clients } = Y.createDeleteSetFromStructStore(doc.store);
  let bytes = varUintSize(clients.size);
  for (const [client, ranges] of clients) {
    bytes += varUintSize(client) + varUintSize(ranges.length);
    for (const { clock, len } of ranges) bytes += varUintSize(clock) + varUintSize(len);
  }
  return bytes;
};

const readCount = (bytes: Uint8Array, at: number): { readonly count: number; readonly end: number } => {
  let count = 0;
  let end = at;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = bytes[end] ?? 0;
    end += 1;
    count += (byte & 0x7f) * scale;
    if (byte < 0x80) return { count, end };
  }
};
