// LevelDB's sorted tables (.ldb, .sst). https://github.com/google/leveldb/blob/main/doc/table_format.md

import { ByteCursor, UnreadableSource } from './byte-cursor.js';
import { maskedCrc } from './leveldb-records.js';
import { unsnappy } from './snappy.js';

export interface TableEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

const footerBytes = 48;
const magic = 0xdb47_7524_8b80_fb57n;
const trailerBytes = 5;
const compression = { none: 0, snappy: 1 } as const;

/** All entries in order of their (internal) keys. Throws `UnreadableSource`. */
export function* readTable(bytes: Buffer): Generator<TableEntry, void> {
  if (bytes.length < footerBytes || bytes.readBigUInt64LE(bytes.length - 8) !== magic) {
    throw new UnreadableSource('is no table of LevelDB');
  }
  const footer = new ByteCursor(bytes, bytes.length - footerBytes);
  readHandle(footer); // of the index of filters
  for (const { value } of readBlock(bytes, readHandle(footer)))
    yield* readBlock(bytes, readHandle(new ByteCursor(value)));
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

const readHandle = (cursor: ByteCursor): Handle => ({ offset: cursor.varint(), size: cursor.varint() });

function* readBlock(bytes: Buffer, { offset, size }: Handle): Generator<TableEntry, void> {
  const end = offset + size;
  if (end + trailerBytes > bytes.length) throw new UnreadableSource('refers to a block beyond its end');
  if (bytes.readUInt32LE(end + 1) !== maskedCrc(bytes.subarray(offset, end + 1)))
    throw new UnreadableSource(`is damaged at byte ${offset}`);
  const block = plain(bytes.subarray(offset, end), bytes.readUInt8(end));
  const entriesEnd = block.length - 4 - 4 * (block.length < 4 ? 0 : block.readUInt32LE(block.length - 4));
  if (entriesEnd < 0) throw new UnreadableSource('has a block without an end');
  const cursor = new ByteCursor(block.subarray(0, entriesEnd));
  let key: Buffer = Buffer.alloc(0);
  while (cursor.left > 0) {
    const [shared, added, valueBytes] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared > key.length) throw new UnreadableSource('has a key that builds on nothing');
    key = Buffer.concat([key.subarray(0, shared), cursor.bytes(added)]);
    yield { key, value: cursor.bytes(valueBytes) };
  }
}

const plain = (stored: Buffer, kind: number): Buffer => {
  if (kind === compression.none) return stored;
  if (kind === compression.snappy) return unsnappy(stored);
  throw new UnreadableSource(`is compressed in a way that is not known here (${kind})`);
};
