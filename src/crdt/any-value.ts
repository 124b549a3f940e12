// Steps over one value in lib0's "any" encoding, strictly, without building it. The type codes are those of lib0/encoding.js, writeAny.

import type { ReadRule, StrictReader } from './strict-reader.js';

/** Integers of type 125: a sign, six bits, then seven a byte, minimal, within what a double holds exactly. */
const skipVarInt = (reader: StrictReader<ReadRule>): void => {
  let byte = reader.uint8();
  if (byte < 0x80) return;
  let value = byte & 0x3f;
  let factor = 0x40;
  do {
    byte = reader.uint8();
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
    if (byte === 0) reader.fail('varint', `The integer that ends at byte ${reader.at - 1} is not minimal.`);
    if (value > Number.MAX_SAFE_INTEGER) {
      reader.fail('number-range', `The integer that ends at byte ${reader.at - 1} is too large.`);
    }
  } while (byte >= 0x80);
};

const skip = (reader: StrictReader<ReadRule>, length: number): void => {
  if (reader.end - reader.at < length) reader.fail('truncated', `The value at byte ${reader.at} is cut short.`);
  reader.at += length;
};

/** `levels` is how deep arrays and objects may still nest. */
export const skipAny = (reader: StrictReader<ReadRule>, levels: number): void => {
  const type = reader.uint8();
  switch (type) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return;
    case 125:
      skipVarInt(reader);
      return;
    case 124: // 32-bit float
      skip(reader, 4);
      return;
    case 123: // 64-bit float
    case 122: // bigint
      skip(reader, 8);
      return;
    case 119:
      reader.skipString();
      return;
    case 118: {
      if (levels === 0) reader.fail('too-deep', `The value at byte ${reader.at} nests too deep.`);
      for (let left = reader.count(2); left > 0; left -= 1) {
        reader.skipString();
        skipAny(reader, levels - 1);
      }
      return;
    }
    case 117: {
      if (levels === 0) reader.fail('too-deep', `The value at byte ${reader.at} nests too deep.`);
      for (let left = reader.count(1); left > 0; left -= 1) skipAny(reader, levels - 1);
      return;
    }
    case 116: // bytes
      reader.skipBlock();
      return;
    default:
      reader.fail('json', `Byte ${reader.at - 1} is not the type of a value.`);
  }
};
