// The canonical bytes of one event. The crc of a row is the CRC-32 of these bytes; the writer thread receives events in this form, so
// that it checks in nothing but the three numbers that it assigns. Little-endian:
//
//   record = id:f64 seq:f64 at:f64 stream:u32 actor:u32 kind:u32 payload:u32 meta:u32  bytes of the five, in this order
//
// The five u32 are lengths in bytes of UTF-8 text or payload; `absent` stands for null.

import { crc32 } from 'node:zlib';
import { ContrailError } from '../model/errors.js';
import type { LoggedEvent, NewEvent } from '../model/events.js';
import type { JsonObject } from '../model/json.js';

export const absent = 0xffff_ffff;
export const recordOffsets = { id: 0, seq: 8, at: 16, stream: 24, actor: 28, kind: 32, payload: 36, meta: 40 } as const;
export const recordHeadBytes = 44;

/** A growing run of bytes that is written from front to back. */
export class Sheet {
  bytes: Buffer;
  view: DataView;
  /** Bytes written so far. */
  length = 0;

  constructor(buffer: ArrayBuffer) {
    this.bytes = Buffer.from(buffer);
    this.view = new DataView(buffer);
  }

  /** Makes room for `more` bytes behind what is written. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new ArrayBuffer(Math.max(needed, this.bytes.length * 2));
    const bytes = Buffer.from(grown);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(grown);
  }

  /** Writes text as UTF-8 into room that was reserved and returns how many bytes it took. */
  text(text: string): number {
    const start = this.length;
    const count = text.length;
    if (count > longTextChars) return this.#encode(text);
    for (let index = 0; index < count; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return this.#encode(text);
      this.bytes[start + index] = code;
    }
    this.length = start + count;
    return count;
  }

  blob(blob: Uint8Array): number {
    this.bytes.set(blob, this.length);
    this.length += blob.length;
    return blob.length;
  }

  #encode(text: string): number {
    const count = this.bytes.write(text, this.length, 'utf8');
    this.length += count;
    return count;
  }
}

/** Above this a native call is faster than a loop over characters. */
const longTextChars = 48;

/** Appends the record of an event to the sheet, `id` and `seq` as zero, and returns where it begins. */
export const writeRecord = (sheet: Sheet, event: NewEvent, meta: string | null): number => {
  const { payload } = event;
  const chars = event.stream.length + event.actor.length + event.kind.length + (meta?.length ?? 0);
  sheet.reserve(recordHeadBytes + 3 * chars + (payload?.length ?? 0));
  const { view, length: start } = sheet;
  view.setFloat64(start + recordOffsets.id, 0, true);
  view.setFloat64(start + recordOffsets.seq, 0, true);
  view.setFloat64(start + recordOffsets.at, event.at, true);
  sheet.length = start + recordHeadBytes;
  view.setUint32(start + recordOffsets.stream, sheet.text(event.stream), true);
  view.setUint32(start + recordOffsets.actor, sheet.text(event.actor), true);
  view.setUint32(start + recordOffsets.kind, sheet.text(event.kind), true);
  view.setUint32(start + recordOffsets.payload, payload === null ? absent : sheet.blob(payload), true);
  view.setUint32(start + recordOffsets.meta, meta === null ? absent : sheet.text(meta), true);
  return start;
};

export const recordCrc = (sheet: Sheet, start: number, end: number): number => crc32(sheet.bytes.subarray(start, end));

/** A row of the table `event`. Its types are what the columns promise; the crc tells whether they hold. */
export interface EventRow {
  readonly id: number;
  readonly stream: string;
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly kind: string;
  readonly payload: Uint8Array | null;
  readonly meta: string | null;
  readonly crc: number;
}

const scratch = new Sheet(new ArrayBuffer(64 * 1024));
const scratchKeptBytes = 1024 * 1024;

/** Whether a row is what was once written. */
export const rowIsIntact = (row: EventRow): boolean => {
  if (scratch.bytes.length > scratchKeptBytes) {
    const small = new Sheet(new ArrayBuffer(64 * 1024));
    scratch.bytes = small.bytes;
    scratch.view = small.view;
  }
  scratch.length = 0;
  try {
    const start = writeRecord(scratch, row as unknown as NewEvent, row.meta);
    scratch.view.setFloat64(start + recordOffsets.id, row.id, true);
    scratch.view.setFloat64(start + recordOffsets.seq, row.seq, true);
    return recordCrc(scratch, start, scratch.length) === row.crc;
  } catch {
    // A column of another type than the schema says: only damage does that.
    return false;
  }
};

/** The error for a damaged event, or one that is missing in the middle of its stream. */
export const damagedEvent = (stream: string, seq: number): ContrailError =>
  new ContrailError('damaged-event', `Event ${seq} of ${stream} is damaged.`, { extra: { stream, seq } });

/** The event of a row. Throws `damaged-event` when the crc does not fit. */
export const eventOfRow = (row: EventRow): LoggedEvent => {
  if (!rowIsIntact(row)) throw damagedEvent(row.stream, row.seq);
  return eventFrom(row);
};

/** The event of a row that is known to be intact. */
export const eventFrom = ({ id, stream, seq, at, actor, kind, payload, meta }: EventRow): LoggedEvent =>
  ({
    id,
    stream,
    seq,
    at,
    actor,
    kind,
    payload,
    meta: meta === null ? null : (JSON.parse(meta) as JsonObject),
  }) as LoggedEvent;
