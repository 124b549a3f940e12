// How a checkpoint's state is stored: deflated, with a crc over stream, seq and the deflated bytes. A checkpoint is a cache, so one that
// is damaged is the same as none.

import { crc32, inflateRawSync } from 'node:zlib';

export const checkpointCrc = (stream: string, seq: number, deflated: Uint8Array): number =>
  crc32(deflated, crc32(`${stream}\n${seq}\n`));

export interface CheckpointRow {
  readonly seq: number;
  readonly state: Uint8Array;
  readonly crc: number;
}

/** The state, or `null` when the row is damaged. */
export const stateOfRow = (stream: string, { seq, state, crc }: CheckpointRow): Uint8Array | null => {
  try {
    return checkpointCrc(stream, seq, state) === crc ? inflateRawSync(state) : null;
  } catch {
    // A column of another type, or bytes that do not inflate: only damage does that.
    return null;
  }
};
