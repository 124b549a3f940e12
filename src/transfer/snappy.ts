// Snappy's block format, for reading alone: LevelDB compresses its tables with it.
// https://github.com/google/snappy/blob/main/format_description.txt

import { ByteCursor, UnreadableSource } from './byte-cursor.js';

/** Far more than a block of LevelDB's can hold. */
const maxBytes = 256 * 1024 * 1024;
const literal = 0;
const longLiteral = 60;

/** Throws `UnreadableSource`. */
export const unsnappy = (compressed: Buffer): Buffer => {
  const cursor = new ByteCursor(compressed);
  const length = cursor.varint();
  if (length > maxBytes) throw new UnreadableSource('has a block that is too large');
  const output = Buffer.alloc(length);
  let at = 0;
  const room = (bytes: number): void => {
    if (bytes > length - at) throw new UnreadableSource('has a compressed block that is longer than it says');
  };
  while (cursor.left > 0) {
    const tag = cursor.bytes(1).readUInt8();
    const kind = tag & 3;
    if (kind === literal) {
      const short = tag >> 2;
      const size =
        1 +
        (short < longLiteral ? short : cursor.bytes(short - longLiteral + 1).readUIntLE(0, short - longLiteral + 1));
      room(size);
      at += cursor.bytes(size).copy(output, at);
      continue;
    }
    const size = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset =
      kind === 1
        ? ((tag >> 5) << 8) | cursor.bytes(1).readUInt8()
        : kind === 2
          ? cursor.bytes(2).readUInt16LE()
          : cursor.bytes(4).readUInt32LE();
    if (offset === 0 || offset > at)
      throw new UnreadableSource('has a compressed block that refers to what is not there');
    room(size);
    // It may overlap what it writes: then it repeats.
    if (offset >= size) output.copy(output, at, at - offset, at - offset + size);
    else for (let index = 0; index < size; index += 1) output[at + index] = output[at + index - offset] as number;
    at += size;
  }
  if (at !== length) throw new UnreadableSource('has a compressed block that is shorter than it says');
  return output;
};
