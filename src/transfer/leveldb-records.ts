// The records of LevelDB's log files and manifests, which share one format: blocks of 32 KiB, in which a record may be cut into fragments,
// each with a masked CRC-32C. https://github.com/google/leveldb/blob/main/doc/log_format.md

import { UnreadableSource } from './byte-cursor.js';

const blockBytes = 32 * 1024;
const headBytes = 7;
const fragment = { none: 0, full: 1, first: 2, middle: 3, last: 4 } as const;

const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  return crc;
});

/** CRC-32C, masked as LevelDB stores it. */
export const maskedCrc = (bytes: Uint8Array): number => {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] as number);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0;
};

/**
 * All records in order. A record that was being written when its writer died has no end and is left out, as LevelDB does, unless the file
 * must be `whole`. Throws `UnreadableSource` for damage.
 */
export function* readRecords(bytes: Buffer, { whole = false } = {}): Generator<Buffer, void> {
  let parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const inBlock = blockBytes - (at % blockBytes);
    if (inBlock < headBytes) {
      at += inBlock;
      continue;
    }
    if (at + headBytes > bytes.length) {
      if (whole && at < bytes.length) throw cutShort();
      return;
    }
    const length = bytes.readUInt16LE(at + 4);
    const kind = bytes.readUInt8(at + 6);
    const end = at + headBytes + length;
    // Room that was reserved and never written.
    if (kind === fragment.none && length === 0) {
      at += inBlock;
      continue;
    }
    if (end > bytes.length) {
      if (whole) throw cutShort();
      return;
    }
    if (length > inBlock - headBytes || bytes.readUInt32LE(at) !== maskedCrc(bytes.subarray(at + 6, end)))
      throw new UnreadableSource(`is damaged at byte ${at}`);
    const data = bytes.subarray(at + headBytes, end);
    at = end;
    if (kind === fragment.full || kind === fragment.first) parts = [data];
    else parts.push(data);
    if (kind === fragment.full || kind === fragment.last) {
      yield parts.length === 1 ? data : Buffer.concat(parts);
      parts = [];
    }
  }
}

const cutShort = (): UnreadableSource =>
  new UnreadableSource('is cut short; start and stop the server that wrote it once, which mends that');
